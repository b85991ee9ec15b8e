import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { describe, it } from 'node:test';
import { openConsole } from '@longshore/contract';
import { waitUntil } from '@longshore/store/testing';
import { openTestConsoles, type TestConsoles } from '../testing/open-test-consoles.ts';

const timeout = 120_000;

/** The guest of the session that was opened last. */
function lastGuest(consoles: TestConsoles) {
  const fake = consoles.guests.at(-1);
  assert.ok(fake);
  return fake;
}

/** Status line of a handshake with just these headers. */
function handshake(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(port), hostname, () => {
      const lines = [
        `GET ${path} HTTP/1.1`,
        'host: longshore.test',
        'connection: Upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(String(data).split('\r\n')[0] ?? '');
      socket.destroy();
    });
  });
}

describe('the console proxy', () => {
  it('carries bytes both ways, sizes, and the exit code', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const client = await consoles.open(await consoles.insertInstance('web1'));
    const { guest, exit } = lastGuest(consoles);
    guest.write('welcome\r\n');
    await client.sees('welcome');
    client.ws.send(Buffer.from('ls\n'));
    assert.equal(String(await waitUntil('the guest reads', () => guest.read())), 'ls\n');
    client.say({ type: 'resize', size: { columns: 100, rows: 30 } });
    await client.sees('[100x30]');
    exit(3);
    assert.equal((await client.notice('exit')).code, 3);
    client.say({ type: 'ack', received: client.shown().length });
    assert.deepEqual(await client.ended(), { code: 1000, reason: 'ended' });
    const last = await waitUntil('the end is remembered', () =>
      consoles.records.find((each) => each.action === 'console-end'),
    );
    assert.deepEqual([last.detail.exitCode, last.detail.typedBytes, last.who?.name], [3, 3, 'anna']);
  });

  it('hash and compare: wrong, used and foreign tickets cannot be told apart outside, but in the audit log', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const used = await consoles.issue(id);
    await consoles.connect({ type: 'open', ticket: used.ticket }).notice('ready');
    const foreign = await consoles.issue(id, {}, 'https://longshore.test');
    const dials = consoles.guests.length;
    for (const ticket of ['wrong', used.ticket, foreign.ticket]) {
      const client = consoles.connect({ type: 'open', ticket });
      assert.deepEqual(await client.ended(), { code: 4401, reason: 'ticket-refused' });
    }
    const page = consoles.connect(
      { type: 'open', ticket: foreign.ticket },
      { origin: 'https://longshore.test' },
    );
    await page.notice('ready');
    assert.equal(consoles.guests.length, dials + 1);
    await waitUntil(
      'all are remembered',
      () => consoles.records.filter((each) => each.refusal !== null).length === 3,
    );
    assert.deepEqual(consoles.records.flatMap(({ refusal }) => refusal ?? []).toSorted(), [
      'foreign-origin',
      'unknown',
      'used',
    ]);
  });

  it('occupied at the proxy: a second one is closed with 4409, and nothing is dialled', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t, { settings: { shellsPerInstance: 1 } });
    const id = await consoles.insertInstance('web1');
    const [first, second] = [await consoles.issue(id), await consoles.issue(id)];
    await consoles.connect({ type: 'open', ticket: first.ticket }).notice('ready');
    const late = consoles.connect({ type: 'open', ticket: second.ticket });
    assert.deepEqual(await late.ended(), { code: 4409, reason: 'occupied' });
    assert.equal(consoles.guests.length, 1);
  });

  it('origin: refuses forged addresses, origins and protocols, and never redirects', {
    timeout,
  }, async (t) => {
    const { url } = await openTestConsoles(t);
    const good = { 'sec-websocket-protocol': 'longshore-console.v1' };
    assert.match(await handshake(url, '/v1/console', good), /^HTTP\/1.1 101 /);
    // CVE-2021-3654 of noVNC: a path that a server makes a redirect of.
    for (const path of [
      '//attacker.test/%2f..',
      '///attacker.test',
      '/v1/console?token=x',
      '/v1/console/',
      '/v1/console#x',
    ]) {
      assert.match(await handshake(url, path, good), /^HTTP\/1.1 404 /);
    }
    // CVE-2015-0259 and bug 2158919 of Nova: hosts and schemes that the client claims, and cookies that break parsers.
    for (const origin of [
      'null',
      'file:///etc/passwd',
      'https://a.test/path',
      'javascript:x',
      'https://a.test@b.test',
      'https://a b',
    ]) {
      assert.match(
        await handshake(url, '/v1/console', { ...good, origin, cookie: 'token="\\"; ;=' }),
        /^HTTP\/1.1 403 /,
      );
    }
    assert.match(await handshake(url, '/v1/console', {}), /^HTTP\/1.1 400 /);
  });

  it('origin: no header of a proxy makes another page the right one', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    for (const origin of [
      'https://longshore.test:444',
      'http://longshore.test',
      'https://longshore.test.attacker.test',
    ]) {
      const { ticket } = await consoles.issue(id, {}, 'https://longshore.test');
      const client = consoles.connect({ type: 'open', ticket }, { origin });
      assert.equal((await client.ended()).code, 4401, origin);
    }
  });

  it('holds back one who guesses tickets, and lets in who has one', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t, { now: () => 0 });
    const id = await consoles.insertInstance('web1');
    const client = await consoles.open(id);
    const ends = new Map<string, number>();
    const guess = async () => {
      const { code } = await consoles
        .connect({ type: 'open', ticket: randomBytes(32).toString('base64url') })
        .ended();
      ends.set(String(code), (ends.get(String(code)) ?? 0) + 1);
    };
    for (let round = 0; round < 2; round += 1) await Promise.all(Array.from({ length: 30 }, guess));
    const started = consoles.proxy.figures().refused.get('handshake') ?? 0;
    for (let round = 0; round < 10; round += 1) {
      const lines = await Promise.all(
        Array.from({ length: 50 }, () =>
          handshake(consoles.url, '/v1/console', { 'sec-websocket-protocol': 'longshore-console.v1' }),
        ),
      );
      assert.ok(lines.every((line) => line.startsWith('HTTP/1.1 429 ')));
    }
    assert.ok((consoles.proxy.figures().refused.get('handshake') ?? 0) - started >= 500);
    assert.ok((ends.get('4401') ?? 0) >= 30);
    assert.ok(
      consoles.records.filter((each) => each.refusal === 'unknown').length <= 30,
      'the audit log is not flooded',
    );
    lastGuest(consoles).guest.write('still here');
    await client.sees('still here');
  });

  it('resumes a lost connection without losing or repeating a byte, in either direction', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const shown: Buffer[] = [];
    const sockets: WebSocket[] = [];
    const states: string[] = [];
    const connection = openConsole({
      baseUrl: consoles.url.replace(/^ws/, 'http'),
      ticket: () => consoles.issue(id),
      show: (bytes) => void shown.push(Buffer.from(bytes)),
      notice: (notice) => {
        if (notice.type === 'state') states.push(notice.state);
      },
      connect: (url, protocol) => {
        const socket = new WebSocket(url, protocol);
        sockets.push(socket);
        return socket;
      },
    });
    await waitUntil('it is open', () => states.includes('open'));
    const { guest } = lastGuest(consoles);
    const typed: Buffer[] = [];
    guest.on('data', (chunk: Buffer) => typed.push(chunk));
    const output = randomBytes(3_000_000);
    const input = randomBytes(500_000);
    let cut = 0;
    for (let at = 0; at < output.length; at += 100_000) {
      guest.write(output.subarray(at, at + 100_000));
      connection.type(input.subarray(at / 6, (at + 100_000) / 6));
      if (at % 1_000_000 === 500_000) {
        await waitUntil('some is shown', () => Buffer.concat(shown).length > cut * 100_000);
        cut += 1;
        // As a network that is lost: the client gets no word of it, the proxy neither.
        sockets.at(-1)?.close();
      }
    }
    await waitUntil('all is shown', () => shown.reduce((sum, each) => sum + each.length, 0) >= output.length);
    await waitUntil(
      'all is typed',
      () => typed.reduce((sum, each) => sum + each.length, 0) >= input.length - (100_000 % 6),
    );
    assert.ok(Buffer.concat(shown).equals(output));
    const all = Buffer.concat(typed);
    assert.ok(all.equals(input.subarray(0, all.length)));
    assert.equal(consoles.guests.length, 1, 'it is the same session');
    assert.ok(consoles.proxy.figures().resumed >= 1);
    connection.close();
    await waitUntil('the guest is hung up', () => lastGuest(consoles).hungUp());
  });

  it('opens a new session by itself where the proxy was started anew', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const second = await consoles.addProxy();
    const urls = [consoles.url, second.url];
    const states: string[] = [];
    const connection = openConsole({
      baseUrl: 'http://none.test',
      ticket: async () => ({ ...(await consoles.issue(id)), url: urls.shift() ?? second.url }),
      show: () => undefined,
      notice: (notice) => {
        if (notice.type === 'state') states.push(notice.state);
      },
    });
    await waitUntil('it is open', () => states.includes('open'));
    await consoles.proxy.stop();
    await waitUntil('it is open again', () => states.filter((each) => each === 'open').length === 2);
    assert.ok(states.includes('anew'), 'the person is told that it is another one');
    connection.close();
  });

  it('a slow client makes the program wait, and costs no more than the window', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const client = await consoles.open(await consoles.insertInstance('web1'));
    const { guest } = lastGuest(consoles);
    // It reads, and acknowledges nothing: as a terminal that is busy.
    const total = 4_000_000;
    for (let at = 0; at < total; at += 50_000) guest.write(Buffer.alloc(50_000, 'x'));
    await waitUntil('the window is full', () => client.shown().length >= 1_048_576);
    client.ws.send(Buffer.from('x'));
    await client.notice('taken');
    const before = client.shown().length;
    assert.ok(before < total, 'the rest waits in the guest');
    client.say({ type: 'ack', received: before });
    await waitUntil('it goes on', () => client.shown().length > before);
  });

  it('view: shows the same to those who look along, who cannot type', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const writer = await consoles.open(id);
    const { guest } = lastGuest(consoles);
    guest.write('$ before\r\n');
    await writer.sees('before');
    const viewer = await consoles.open(id, { mode: 'view' });
    assert.deepEqual((await writer.notice('viewers')).names, ['anna']);
    guest.write('$ after\r\n');
    await viewer.sees('after');
    assert.match(viewer.text(), /before/, 'what is on the screen already');
    assert.equal(consoles.guests.length, 1);
    viewer.ws.send(Buffer.from('rm -rf /\n'));
    assert.equal((await viewer.ended()).code, 4400);
    assert.equal(guest.read(), null);
    writer.say({ type: 'end' });
    assert.equal((await writer.ended()).code, 1000);
  });

  it('takeover: warns, waits for the grace, ends the other with 4409, and opens', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t, { settings: { graceSeconds: 1 } });
    const id = await consoles.insertInstance('web1');
    const first = await consoles.open(id, { type: 'console' });
    const { ticket } = await consoles.issue(id, { type: 'console', mode: 'takeover' });
    const second = consoles.connect({ type: 'open', ticket });
    assert.equal((await second.notice('waiting')).who, 'anna');
    assert.deepEqual(await first.notice('warning'), {
      type: 'warning',
      about: 'takeover',
      seconds: 1,
      who: 'anna',
    });
    assert.deepEqual(await first.ended(), { code: 4409, reason: 'taken-over' });
    await second.notice('ready');
    assert.equal(consoles.guests.length, 2);
    assert.ok(consoles.guests[0]?.hungUp());
  });

  it('ends within moments when the permission ends, and lets nobody in after', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const client = await consoles.open(id);
    const { ticket } = await consoles.issue(id);
    consoles.revoke();
    assert.deepEqual(await client.ended(), { code: 4403, reason: 'revoked' });
    assert.equal((await consoles.connect({ type: 'open', ticket }).ended()).code, 4403);
    assert.equal(consoles.guests.length, 1);
  });

  it('ends what is idle, and what is open for too long', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t, { settings: { idleSeconds: 1 } });
    const client = await consoles.open(await consoles.insertInstance('web1'));
    assert.deepEqual(await client.ended(), { code: 4408, reason: 'idle' });
    const other = await openTestConsoles(t, { settings: { maxSeconds: 1 } });
    const long = await other.open(await other.insertInstance('web1'));
    assert.deepEqual(await long.ended(), { code: 4412, reason: 'time-over' });
  });
});
