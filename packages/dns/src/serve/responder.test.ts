import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode, type Question } from 'dns-packet';
import fc from 'fast-check';
import { readRecordData } from '../records/record-data.ts';
import { nameToWire } from '../wire/domain-name.ts';
import { RECORD_TYPES } from '../wire/record-types.ts';
import { createCookies } from './cookies.ts';
import { createRateLimit, networkHash } from './rate-limit.ts';
import { LARGEST_UDP, Responder, recordBytes, soaData, type Transport } from './responder.ts';
import { type RecordSet, type ServedZone, ZoneTable } from './zone-table.ts';

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const NOW = new Date('2026-11-30T12:00:00Z');

function zoneOf(id: string, name: string): ServedZone {
  const data = soaData({ primary: 'ns1.test', contact: `host.master@${name}`, serial: 7, ttlSeconds: 60 });
  const soa = recordBytes(RECORD_TYPES.SOA, 60, data).subarray(2);
  return { id, apex: nameToWire(name), name, serial: 7, soa };
}

type Line = readonly [name: string, type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'MX' | 'TXT', value: string];

const LINES: readonly Line[] = [
  ['i.test', 'NS', 'ns1.test'],
  ['i.test', 'NS', 'ns2.test'],
  ['web.i.test', 'A', '192.0.2.1'],
  ['web.i.test', 'A', '192.0.2.2'],
  ['web.i.test', 'AAAA', '2001:db8::1'],
  ['www.i.test', 'CNAME', 'web.i.test'],
  ['out.i.test', 'CNAME', 'www.example.org'],
  ['gone.i.test', 'CNAME', 'nothing.i.test'],
  ['loop.i.test', 'CNAME', 'pool.i.test'],
  ['pool.i.test', 'CNAME', 'loop.i.test'],
  ['a.b.c.i.test', 'TXT', 'deep'],
  ['*.apps.i.test', 'A', '192.0.2.9'],
  ['x.apps.i.test', 'TXT', 'x'],
  ['*.alias.i.test', 'CNAME', 'web.i.test'],
  ['sub.i.test', 'NS', 'ns.sub.i.test'],
  ['ns.sub.i.test', 'A', '192.0.2.53'],
  ['lab.i.test', 'NS', 'ns1.test'],
];

function tableOf(lines: readonly Line[] = LINES): ZoneTable {
  const table = new ZoneTable(42);
  table.putZone(zoneOf('1', 'i.test'));
  table.putZone(zoneOf('2', 'lab.i.test'));
  const sets = new Map<string, Map<number, Buffer[]>>();
  for (const [name, type, value] of lines) {
    const here = sets.get(name) ?? new Map<number, Buffer[]>();
    sets.set(name, here);
    const { rdata } = readRecordData(type, value);
    here.set(RECORD_TYPES[type], [
      ...(here.get(RECORD_TYPES[type]) ?? []),
      recordBytes(RECORD_TYPES[type], 60, rdata),
    ]);
  }
  for (const [name, types] of sets) {
    const all: RecordSet[] = [...types].map(([type, bytes]) => ({
      type,
      count: bytes.length,
      bytes: Buffer.concat(bytes),
    }));
    table.putName('1', nameToWire(name), all);
  }
  const deep = recordBytes(1, 60, Buffer.from([10, 0, 0, 1]));
  table.putName('2', nameToWire('web.lab.i.test'), [{ type: 1, count: 1, bytes: deep }]);
  return table;
}

function responderOver(table: ZoneTable, perSecond = 0): Responder {
  const clock = () => NOW;
  return new Responder({
    table,
    rateLimit: perSecond === 0 ? null : createRateLimit(perSecond, clock),
    cookies: createCookies(Buffer.alloc(32, 1), clock),
  });
}

function answerTo(responder: Responder, query: Buffer, transport: Transport = 'udp'): Buffer | null {
  const out = Buffer.alloc(transport === 'udp' ? LARGEST_UDP : 65_535);
  const length = responder.respond(query, out, transport, '192.0.2.77');
  return length <= 0 ? null : Buffer.from(out.subarray(0, length));
}

function ask(responder: Responder, name: string, type: string, udpSize = 1232) {
  const questions = [{ type, name }] as Question[];
  const opt = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: udpSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const answer = answerTo(
    responder,
    encode({ type: 'query', id: 77, questions, additionals: udpSize === 0 ? [] : [opt] }),
  );
  assert.ok(answer);
  const message = decode(answer);
  const texts = (section: typeof message.answers) =>
    (section ?? []).map((each) =>
      `${each.name} ${each.type} ${'data' in each && typeof each.data === 'string' ? each.data : ''}`.trim(),
    );
  return {
    rcode: RCODES[(answer[3] ?? 0) & 15],
    authoritative: ((answer[2] ?? 0) & 4) !== 0,
    truncated: ((answer[2] ?? 0) & 2) !== 0,
    answers: texts(message.answers),
    authorities: texts(message.authorities),
    additionals: texts(message.additionals).filter((text) => !text.includes('OPT')),
    bytes: answer,
  };
}

describe('the name server', () => {
  const responder = responderOver(tableOf());

  it('answers what is there, with the letters as they were asked', () => {
    const { answers, rcode, authoritative } = ask(responder, 'WeB.i.TEST', 'A');
    assert.deepEqual(
      { answers, rcode, authoritative },
      {
        answers: ['WeB.i.TEST A 192.0.2.1', 'WeB.i.TEST A 192.0.2.2'],
        rcode: 'NOERROR',
        authoritative: true,
      },
    );
  });

  it('tells what is not there by the SOA of the zone, and apart from names with other types', () => {
    const none = ask(responder, 'none.i.test', 'A');
    assert.deepEqual([none.rcode, none.answers, none.authorities], ['NXDOMAIN', [], ['i.test SOA']]);
    const other = ask(responder, 'web.i.test', 'MX');
    assert.deepEqual([other.rcode, other.answers, other.authorities], ['NOERROR', [], ['i.test SOA']]);
    const between = ask(responder, 'b.c.i.test', 'A');
    assert.deepEqual([between.rcode, between.authorities], ['NOERROR', ['i.test SOA']]);
    const below = ask(responder, 'nothing.lab.i.test', 'A');
    assert.deepEqual([below.rcode, below.authorities], ['NXDOMAIN', ['lab.i.test SOA']]);
  });

  it('refuses what is not its own', () => {
    for (const name of ['example.org', 'test', '.', 'xi.test']) {
      const { rcode, authoritative, answers } = ask(responder, name, 'A');
      assert.deepEqual([rcode, authoritative, answers], ['REFUSED', false, []], name);
    }
  });

  it('follows aliases as far as it knows', () => {
    assert.deepEqual(ask(responder, 'www.i.test', 'AAAA').answers, [
      'www.i.test CNAME web.i.test',
      'web.i.test AAAA 2001:db8::1',
    ]);
    assert.deepEqual(ask(responder, 'out.i.test', 'A').answers, ['out.i.test CNAME www.example.org']);
    assert.equal(ask(responder, 'out.i.test', 'A').rcode, 'NOERROR');
    const gone = ask(responder, 'gone.i.test', 'A');
    assert.deepEqual([gone.rcode, gone.authorities], ['NXDOMAIN', ['i.test SOA']]);
    assert.equal(ask(responder, 'loop.i.test', 'A').rcode, 'NOERROR');
    assert.deepEqual(ask(responder, 'www.i.test', 'CNAME').answers, ['www.i.test CNAME web.i.test']);
  });

  it('expands wildcards as RFC 4592 has it', () => {
    assert.deepEqual(ask(responder, 'any.apps.i.test', 'A').answers, ['any.apps.i.test A 192.0.2.9']);
    assert.deepEqual(ask(responder, 'a.b.apps.i.test', 'A').answers, ['a.b.apps.i.test A 192.0.2.9']);
    assert.equal(ask(responder, 'x.apps.i.test', 'A').rcode, 'NOERROR');
    assert.deepEqual(ask(responder, 'x.apps.i.test', 'A').answers, []);
    assert.equal(ask(responder, 'y.x.apps.i.test', 'A').rcode, 'NXDOMAIN');
    assert.deepEqual(ask(responder, '*.apps.i.test', 'A').answers, ['*.apps.i.test A 192.0.2.9']);
    assert.deepEqual(ask(responder, 'q.alias.i.test', 'AAAA').answers, [
      'q.alias.i.test CNAME web.i.test',
      'web.i.test AAAA 2001:db8::1',
    ]);
  });

  it('refers to the servers of a zone that was given away, with their addresses', () => {
    const { authoritative, answers, authorities, additionals } = ask(responder, 'deep.in.sub.i.test', 'A');
    assert.deepEqual(
      { authoritative, answers, authorities, additionals },
      {
        authoritative: false,
        answers: [],
        authorities: ['sub.i.test NS ns.sub.i.test'],
        additionals: ['ns.sub.i.test A 192.0.2.53'],
      },
    );
    const ds = ask(responder, 'sub.i.test', 'DS');
    assert.deepEqual([ds.authoritative, ds.authorities], [true, ['i.test SOA']]);
    assert.deepEqual(ask(responder, 'lab.i.test', 'DS').authorities, ['i.test SOA']);
    assert.deepEqual(ask(responder, 'lab.i.test', 'SOA').answers, ['lab.i.test SOA']);
  });

  it('gives little to ANY', () => {
    const { answers } = ask(responder, 'web.i.test', 'ANY');
    assert.deepEqual(answers, ['web.i.test HINFO']);
  });

  it('cuts what does not fit a datagram, and gives all by TCP', () => {
    const many: Line[] = Array.from({ length: 60 }, (_, n) => ['many.i.test', 'A', `192.0.2.${n}`]);
    const full = responderOver(tableOf([...LINES, ...many]));
    const small = ask(full, 'many.i.test', 'A', 0);
    assert.deepEqual([small.truncated, small.answers.length, small.bytes.length <= 512], [true, 0, true]);
    const large = ask(full, 'many.i.test', 'A', 4096);
    assert.deepEqual([large.truncated, large.answers.length], [false, 60]);
    const questions = [{ type: 'A' as const, name: 'many.i.test' }];
    const byTcp = answerTo(full, encode({ type: 'query', id: 1, questions }), 'tcp');
    assert.equal(decode(byTcp ?? Buffer.alloc(0)).answers?.length, 60);
  });

  it('speaks EDNS version 0 only, and gives a cookie for a cookie', () => {
    const question = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.i.test' }] });
    const withOpt = (version: number, options: Buffer) => {
      const head = Buffer.from([0, 0, 41, 4, 0xd0, 0, version, 0, 0, 0, options.length]);
      const query = Buffer.concat([question, head, options]);
      query.writeUInt16BE(1, 10);
      return answerTo(responder, query);
    };
    const bad = withOpt(1, Buffer.alloc(0));
    assert.ok(bad);
    assert.equal(((bad.at(-6) ?? 0) << 4) | ((bad[3] ?? 0) & 15), 16);
    const client = Buffer.from('0102030405060708', 'hex');
    const answered = withOpt(0, Buffer.concat([Buffer.from([0, 10, 0, 8]), client]));
    const cookie = answered?.subarray(-24) ?? Buffer.alloc(0);
    assert.deepEqual(cookie.subarray(0, 8), client);
    const cookies = createCookies(Buffer.alloc(32, 1), () => NOW);
    assert.equal(cookies.isValid(cookie, '192.0.2.77'), true);
    assert.equal(cookies.isValid(cookie, '192.0.2.78'), false);
    const later = createCookies(Buffer.alloc(32, 1), () => new Date(NOW.getTime() + 3_700_000));
    assert.equal(later.isValid(cookie, '192.0.2.77'), false);
    assert.equal((withOpt(0, Buffer.from([0, 10, 0, 3, 1, 2, 3]))?.[3] ?? 0) & 15, 1);
  });

  it('limits like answers to one network, but not whoever has shown its address', () => {
    const limited = responderOver(tableOf(), 5);
    const query = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.i.test' }] });
    const results = Array.from({ length: 20 }, () => answerTo(limited, query));
    const whole = results.filter((each) => each !== null && ((each[2] ?? 0) & 2) === 0).length;
    const cut = results.filter((each) => each !== null && ((each[2] ?? 0) & 2) !== 0).length;
    assert.deepEqual([whole, cut], [5, 8]);
    assert.ok(answerTo(limited, query, 'tcp'));
    assert.equal(networkHash('192.0.2.1'), networkHash('192.0.2.200'));
    assert.notEqual(networkHash('192.0.2.1'), networkHash('192.0.3.1'));
    assert.equal(networkHash('2001:db8:1:2:3::1'), networkHash('2001:db8:1:2:4::1'));
    assert.notEqual(networkHash('2001:db8:1:2::1'), networkHash('2001:db8:2:2::1'));
  });
});

describe('hostile messages', () => {
  const responder = responderOver(tableOf());
  const good = encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'web.i.test' }] });

  it('never throw, and are never answered with more than a datagram holds', () => {
    const check = (query: Buffer) => {
      const answer = answerTo(responder, query);
      if (answer === null) return;
      assert.ok(answer.length >= 12 && answer.length <= LARGEST_UDP);
      assert.deepEqual([answer[0], answer[1]], [query[0], query[1]]);
      assert.ok(((answer[2] ?? 0) & 0x80) !== 0);
      decode(answer);
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => check(Buffer.from(bytes))),
      { numRuns: 3000 },
    );
    const changed = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changed, fc.nat({ max: good.length }), (changes, cutAt) => {
        const query = Buffer.from(good);
        for (const [at, octet] of changes) query[at] = octet;
        check(query);
        check(query.subarray(0, cutAt));
      }),
      { numRuns: 3000 },
    );
  });

  it('that are answers are not answered', () => {
    const answer = answerTo(responder, good);
    assert.ok(answer);
    assert.equal(answerTo(responder, answer), null);
  });
});

describe('the table of names', () => {
  it('holds what was put last, through any order of changes', () => {
    const label = fc.constantFrom('a', 'b', 'c', '*');
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.boolean(), fc.nat({ max: 255 })), { maxLength: 120 }),
        (changes) => {
          const table = new ZoneTable(1);
          table.putZone(zoneOf('z', 'i.test'));
          const model = new Map<string, number>();
          for (const [owner, isThere, octet] of changes) {
            const bytes = recordBytes(1, 60, Buffer.from([10, 0, 0, octet]));
            table.putName('z', nameToWire(`${owner}.i.test`), isThere ? [{ type: 1, count: 1, bytes }] : []);
            if (isThere) model.set(owner, octet);
            else model.delete(owner);
          }
          const asked = responderOver(table);
          for (const [owner] of changes) {
            const { answers, rcode } = ask(asked, `${owner}.i.test`, 'A');
            const octet = model.get(owner);
            if (octet !== undefined) assert.deepEqual(answers, [`${owner}.i.test A 10.0.0.${octet}`]);
            else if ([...model.keys()].some((each) => each.endsWith(`.${owner}`)))
              assert.deepEqual([answers, rcode], [[], 'NOERROR']);
          }
          for (const [owner] of changes) table.putName('z', nameToWire(`${owner}.i.test`), []);
          assert.equal(table.size, 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('grows, is packed, and loses a zone whole', () => {
    const table = new ZoneTable(1);
    table.putZone(zoneOf('z', 'i.test'));
    table.putZone(zoneOf('y', 'j.test'));
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 3000; n += 1) {
        const bytes = recordBytes(1, 60, Buffer.from([10, round, n >> 8, n & 255]));
        table.putName('z', nameToWire(`n${n}.i.test`), [{ type: 1, count: 1, bytes }]);
      }
    }
    assert.equal(table.size, 3002);
    assert.ok(table.arena.length < 2_000_000);
    assert.deepEqual(ask(responderOver(table), 'n2999.i.test', 'A').answers, ['n2999.i.test A 10.4.11.183']);
    table.removeZone('z');
    assert.equal(table.size, 1);
    assert.equal(ask(responderOver(table), 'n1.i.test', 'A').rcode, 'REFUSED');
  });
});
