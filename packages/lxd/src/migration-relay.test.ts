import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import { isLxdError } from './lxd-error.ts';
import type { MigrationOffer } from './migration.ts';
import { type ScriptedServer, startScriptedServer } from './testing/scripted-server.ts';
import { messageBytes } from './web-socket.ts';

const timeout = 30_000;

function offer(operationId: string, ...channels: readonly string[]): MigrationOffer {
  const secrets = Object.fromEntries(channels.map((channel) => [channel, `${operationId}-${channel}`]));
  const operation = {
    id: operationId,
    class: 'websocket',
    description: '',
    created_at: '',
    updated_at: '',
    status: 'Running',
    status_code: 103,
    may_cancel: false,
    err: '',
    location: '',
  };
  const ref = { id: operationId, project: 'default', operation };
  return { operationId, operation: ref, secrets, certificate: '', addresses: [] };
}

const secretOf = (url: string | undefined): string =>
  new URL(url ?? '', 'https://x').searchParams.get('secret') ?? '';

/** A server that hands each of its sockets, by secret, to `play`. */
async function startSide(play: (secret: string, socket: WebSocket) => void): Promise<ScriptedServer> {
  return await startScriptedServer({ onSocket: (socket, request) => play(secretOf(request.url), socket) });
}

describe('the relay', () => {
  it('passes every frame of each channel in order, text as text, and the close', { timeout }, async () => {
    const frames = 200;
    const frame = Buffer.alloc(128 * 1024, 7);
    const got: Record<string, { bytes: number; texts: string[]; closed: number }> = {};
    await using source = await startSide((secret, socket) => {
      if (secret.endsWith('fs')) for (let i = 0; i < frames; i += 1) socket.send(frame);
      socket.send(`end of ${secret}`);
      socket.on('message', (data) => {
        if (messageBytes(data).toString() === 'thanks') socket.close(1000);
      });
    });
    await using sink = await startSide((secret, socket) => {
      const seen = { bytes: 0, texts: [] as string[], closed: 0 };
      got[secret] = seen;
      // A slow reader: what is sent meanwhile must wait at the source, not in our memory.
      socket.pause();
      setTimeout(() => socket.resume(), 200);
      socket.on('message', (data, binary) => {
        if (binary) seen.bytes += messageBytes(data).length;
        else {
          seen.texts.push(messageBytes(data).toString());
          socket.send('thanks');
        }
      });
      socket.on('close', (code) => {
        seen.closed = code;
      });
    });
    // The source offers more than was asked for; only what the sink wants is connected.
    const from = offer('a', 'control', 'fs', 'criu');
    await source.client.migration.relay(from, { client: sink.client, offer: offer('b', 'control', 'fs') });
    while (Object.values(got).some((seen) => seen.closed === 0)) await new Promise((r) => setTimeout(r, 5));
    assert.deepEqual(got, {
      'b-control': { bytes: 0, texts: ['end of a-control'], closed: 1000 },
      'b-fs': { bytes: frames * frame.length, texts: ['end of a-fs'], closed: 1000 },
    });
  });

  it('gives up after a silence, and says what a side lacks', { timeout }, async () => {
    const silent = (): void => {
      // Connected, and never heard of again.
    };
    await using source = await startSide(silent);
    await using sink = await startSide(silent);
    const to = { client: sink.client, offer: offer('b', 'control', 'fs') };
    const quiet = source.client.migration.relay(offer('a', 'control', 'fs'), to, { timeoutMs: 300 });
    await assert.rejects(quiet, (e) => isLxdError(e, 'timeout'));
    const lacking = source.client.migration.relay(offer('a', 'control'), to);
    await assert.rejects(lacking, (e) => isLxdError(e, 'bad-reply') && /channel fs/.test(e.message));
  });
});
