import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DNS_RECORD_TYPES, type DnsRecordType, LongshoreError } from '@longshore/contract';
import { decode } from 'dns-packet';
import fc from 'fast-check';
import { nameToText, nameToWire } from '../wire/domain-name.ts';
import { RECORD_TYPES } from '../wire/record-types.ts';
import { readRecordData } from './record-data.ts';

/** Data as the codec library reads it out of an answer. */
function decoded(type: DnsRecordType, text: string): unknown {
  const { rdata } = readRecordData(type, text);
  const head = Buffer.from([0, 1, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(RECORD_TYPES[type], 13);
  head.writeUInt16BE(rdata.length, 21);
  const [answer] = decode(Buffer.concat([head, rdata])).answers ?? [];
  return answer !== undefined && 'data' in answer ? answer.data : undefined;
}

describe('the data of records', () => {
  it('are what the codec library reads back', () => {
    assert.equal(decoded('A', '192.0.2.1'), '192.0.2.1');
    assert.equal(decoded('AAAA', '2001:db8::192.0.2.1'), '2001:db8::c000:201');
    assert.equal(decoded('CNAME', 'Web.Example.org'), 'web.example.org');
    assert.deepEqual(decoded('MX', '10 mail.example.org.'), { preference: 10, exchange: 'mail.example.org' });
    assert.deepEqual(decoded('SRV', '0 5 5060 sip.example.org'), {
      priority: 0,
      weight: 5,
      port: 5060,
      target: 'sip.example.org',
    });
    assert.deepEqual(decoded('CAA', '0 issue "ca.example.org; policy=ev"'), {
      flags: 0,
      tag: 'issue',
      value: 'ca.example.org; policy=ev',
      issuerCritical: false,
    });
    const texts = decoded('TXT', `"a b" c\\"d "${'x'.repeat(300)}"`);
    assert.ok(Array.isArray(texts));
    assert.deepEqual(texts.map(String), ['a b', 'c"d', 'x'.repeat(255), 'x'.repeat(45)]);
    const fingerprint = 'ab'.repeat(32);
    assert.deepEqual(decoded('SSHFP', `4 2 ${fingerprint.slice(0, 20)} ${fingerprint.slice(20)}`), {
      algorithm: 4,
      hash: 2,
      fingerprint: fingerprint.toUpperCase(),
    });
  });

  it('of HTTPS are as RFC 9460 has them', () => {
    // RFC 9460, D.2, figures 3, 7 and 10.
    const hex = (text: string) => readRecordData('HTTPS', text).rdata.toString('hex');
    assert.equal(hex('0 foo.example.com.'), '000003666f6f076578616d706c6503636f6d00');
    assert.equal(hex('1 . port=53'), '00010000030002 0035'.replace(' ', ''));
    assert.equal(
      hex('1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"'),
      '000103666f6f076578616d706c6503636f6d000006002020010db800000000000000000000000120010db8000000000000000000530001',
    );
    assert.equal(hex('16 foo.example.org. alpn=h2,h3 ipv4hint=192.0.2.1').slice(0, 4), '0010');
  });

  it('that are written down are read as the same', () => {
    const samples: Readonly<Record<DnsRecordType, string>> = {
      A: '192.0.2.1',
      AAAA: '2001:DB8:0:0::1',
      CAA: '128 issuewild ";"',
      CNAME: 'a\\.b.example.org',
      HTTPS: '1 . port=8443 alpn=h2',
      MX: '0 .',
      NS: 'ns.example.org',
      PTR: 'web.example.org',
      SRV: '0 0 0 .',
      SSHFP: `1 1 ${'0'.repeat(40)}`,
      TXT: '"\\000\\255 \\" \\\\" ü',
    };
    for (const type of DNS_RECORD_TYPES) {
      const first = readRecordData(type, samples[type]);
      assert.deepEqual(readRecordData(type, first.value), first, type);
    }
  });

  it('are refused with a reason at the field, whatever is written', () => {
    for (const [type, text] of [
      ['A', '1.2.3'],
      ['AAAA', 'fe80::1%eth0'],
      ['CNAME', 'a..b'],
      ['CNAME', `${'a'.repeat(64)}.b`],
      ['MX', 'mail.example.org'],
      ['SRV', '0 5 99999 x'],
      ['TXT', '"open'],
      ['CAA', '0 is-sue x'],
      ['SSHFP', '4 2 abcd'],
      ['HTTPS', '1 . port=http'],
      ['HTTPS', '0 x. alpn=h2'],
    ] as const) {
      assert.throws(
        () => readRecordData(type, text),
        (error: unknown) => error instanceof LongshoreError && error.fields?.[0]?.path === 'value',
        `${type} ${text}`,
      );
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...DNS_RECORD_TYPES),
        fc.string({ unit: 'binary', maxLength: 80 }),
        (type, text) => {
          try {
            assert.ok(readRecordData(type, text).rdata.length <= 65_535);
          } catch (error) {
            assert.ok(error instanceof LongshoreError, String(error));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a name', () => {
  it('goes over the wire and comes back, in lower case', () => {
    assert.equal(nameToText(nameToWire('WWW.Example.org')), 'www.example.org.');
    assert.equal(nameToText(nameToWire('a\\.b\\032c.d.')), 'a\\.b\\032c.d.');
    assert.equal(nameToText(nameToWire('.')), '.');
  });
});
