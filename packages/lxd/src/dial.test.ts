import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createLxdClient } from './lxd-client.ts';
import { isLxdError } from './lxd-error.ts';
import { probeServer } from './probe-server.ts';
import { portOf, reply, startScriptedServer } from './testing/scripted-server.ts';
import { selfSigned } from './testing/self-signed.ts';

const stranger = {
  api_extensions: [],
  api_status: 'stable',
  api_version: '1.0',
  auth: 'untrusted',
  auth_methods: ['tls'],
};

/** Passes bytes on to `port` and keeps what the client sent as TLS record types (RFC 8446, section 5.1). */
async function startTap(port: number) {
  const sent: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((down) => {
    const up = connect(port, '127.0.0.1');
    sockets.push(down, up);
    down.on('data', (data) => sent.push(data));
    for (const socket of [down, up]) socket.on('error', ignore);
    down.pipe(up).pipe(down);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    recordTypes(): number[] {
      const all = Buffer.concat(sent);
      const types: number[] = [];
      for (let at = 0; at + 5 <= all.length; at += 5 + all.readUInt16BE(at + 3))
        types.push(all.readUInt8(at));
      return types;
    },
    closed: new Promise<void>((resolve) =>
      server.once('connection', (s) => s.once('close', () => resolve())),
    ),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const ignore = (): void => {
  // The side under test breaks connections on purpose.
};

const HANDSHAKE = 22;
const ALERT = 21;

describe('pinning', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`sends nothing but its greeting to a server with another certificate (${version})`, async () => {
      await using server = await startScriptedServer({ minVersion: version, maxVersion: version });
      await using tap = await startTap(server.port);
      const client = createLxdClient({
        kind: 'https',
        url: `https://127.0.0.1:${tap.port}`,
        fingerprint: 'ab'.repeat(32),
        clientCertificate: selfSigned('secret-name'),
      });
      await assert.rejects(client.server.get(), (error) => {
        assert.ok(isLxdError(error, 'fingerprint-mismatch'));
        assert.equal(error.retryable, false);
        assert.ok(error.message.includes(server.identity.fingerprint), 'shows what the server had');
        return true;
      });
      await client.close();
      await tap.closed;
      const [greeting, ...rest] = tap.recordTypes();
      assert.equal(greeting, HANDSHAKE);
      assert.deepEqual(
        rest.filter((type) => type !== ALERT),
        [],
      );
      assert.deepEqual(server.clientNames, []);
      assert.deepEqual(server.requests, []);
    });
  }

  it('shows the client certificate to the pinned server, whichever way the fingerprint is written', async () => {
    await using server = await startScriptedServer({ onRequest: (_, response) => reply(response, stranger) });
    const client = createLxdClient({
      kind: 'https',
      url: server.url,
      fingerprint: server.identity.fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:'),
      clientCertificate: selfSigned('known'),
    });
    assert.equal((await client.server.get()).auth, 'untrusted');
    await client.close();
    assert.deepEqual(
      server.clientNames.map((name) => name.includes('known')),
      [true],
    );
  });
});

describe('probeServer', () => {
  it('tells the fingerprint and neither shows a certificate nor asks anything', async () => {
    await using server = await startScriptedServer({});
    const probed = await probeServer(server.url);
    assert.equal(probed.fingerprint, server.identity.fingerprint);
    assert.equal(probed.certificatePem.replace(/\s/g, ''), server.identity.cert.replace(/\s/g, ''));
    assert.deepEqual(server.clientNames, []);
    assert.deepEqual(server.requests, []);
  });

  it('says when nothing listens, when it is not TLS, and when it is silent', async () => {
    const chatty = createServer((socket) => socket.on('error', ignore).resume().end('220 mail ready\r\n'));
    const silent = createServer((socket) => socket.on('error', ignore).resume());
    await new Promise<void>((resolve) => chatty.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = (server: typeof chatty): string => `https://127.0.0.1:${portOf(server.address())}`;
    try {
      await assert.rejects(
        probeServer(url(chatty)),
        (e) => isLxdError(e, 'unreachable') && /TLS/.test(e.message),
      );
      await assert.rejects(probeServer(url(silent), { timeoutMs: 50 }), (e) => isLxdError(e, 'timeout'));
      const freed = url(chatty);
      await new Promise<void>((resolve) => chatty.close(() => resolve()));
      await assert.rejects(probeServer(freed), (e) => isLxdError(e, 'unreachable'));
      await assert.rejects(probeServer('http://127.0.0.1:1'), (e) => isLxdError(e, 'bad-request'));
    } finally {
      chatty.close();
      silent.close();
    }
  });
});
