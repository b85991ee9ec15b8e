import WebSocket from 'ws';
import { apiPath } from './api-path.ts';
import type { CallOptions } from './call-options.ts';
import { startDeadline } from './deadline.ts';
import { fromNetworkError, LxdError } from './lxd-error.ts';
import type { MigrationOffer } from './migration.ts';
import type { Transport } from './transport.ts';
import { openWebSocket } from './web-socket.ts';

/** Bytes carried so far, by channel. */
export type RelayProgress = { readonly channel: string; readonly bytes: number };

/** Stop reading from one side while this much waits to be sent to the other. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;

/** Options of a relay. `timeoutMs` is the longest silence over all channels (default: the source client's idle limit). */
export type RelayOptions = CallOptions & {
  readonly onProgress?: ((progress: RelayProgress) => void) | undefined;
};

/**
 * Connects a source's offer with a sink's, for servers that cannot reach each other: opens each channel on both sides and
 * passes frames as they are, with back pressure. Resolves when all channels closed; whether the transfer succeeded is told
 * by the two operations alone. Throws `unreachable`, `timeout` (silence), `aborted`.
 */
export async function relayMigration(
  source: { readonly transport: Transport; readonly offer: MigrationOffer },
  sink: { readonly transport: Transport; readonly offer: MigrationOffer },
  options: RelayOptions = {},
): Promise<void> {
  const target = `${source.transport.label} to ${sink.transport.label} relay`;
  const idleMs = options.timeoutMs ?? source.transport.idleMs;
  const deadline = startDeadline({ signal: options.signal, timeoutMs: idleMs }, target);
  const sockets: WebSocket[] = [];
  const open = async (side: typeof source, channel: string): Promise<WebSocket> => {
    const secret = side.offer.secrets[channel];
    if (secret === undefined) {
      throw new LxdError({
        code: 'bad-reply',
        message: `${side.transport.label} has no channel ${channel}`,
        target,
        hint: 'The two servers speak different versions of the migration protocol; update the older one.',
      });
    }
    const path = apiPath`/1.0/operations/${side.offer.operationId}/websocket`;
    const ws = await openWebSocket(side.transport, path, { secret }, deadline.signal);
    sockets.push(ws);
    return ws;
  };
  try {
    // Only what the sink has: a source offers `criu`/`state` for live transfers even where nobody asked.
    const channels = Object.keys(sink.offer.secrets).sort();
    const pairs = await Promise.all(
      channels.map(async (channel) => {
        const [from, to] = await Promise.all([open(source, channel), open(sink, channel)]);
        return { channel, from, to };
      }),
    );
    await Promise.all(
      pairs.map(({ channel, from, to }) =>
        join(from, to, deadline.signal, target, (bytes) => {
          deadline.restart();
          if (bytes > 0) options.onProgress?.({ channel, bytes });
        }),
      ),
    );
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, target);
  } finally {
    deadline.end();
    for (const ws of sockets) ws.terminate();
  }
}

/** Passes frames both ways until both ends have closed. A close or a loss of one side is passed to the other. */
function join(
  a: WebSocket,
  b: WebSocket,
  signal: AbortSignal,
  target: string,
  carried: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 2;
    const onAbort = (): void => {
      a.terminate();
      b.terminate();
      reject(fromNetworkError(signal.reason, target));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    let total = 0;
    const pass = (from: WebSocket, to: WebSocket): void => {
      from.on('message', (data, binary) => {
        if (to.readyState !== WebSocket.OPEN) return;
        const bytes = Buffer.isBuffer(data) ? data.length : 0;
        to.send(data, { binary }, () => {
          total += bytes;
          carried(total);
          if (from.isPaused && to.bufferedAmount < HIGH_WATER_BYTES) from.resume();
        });
        if (to.bufferedAmount >= HIGH_WATER_BYTES) from.pause();
      });
      from.on('ping', () => carried(0));
      from.on('error', () => {
        // A close with code 1006 follows, which ends the other side.
      });
      from.once('close', (code, reason) => {
        // A paused socket would never hear the other side's close.
        if (to.isPaused) to.resume();
        // 1005 and 1006 stand for "none given" and "lost" and cannot be sent.
        if (code >= 1000 && code < 5000 && code !== 1005 && code !== 1006) to.close(code, reason);
        else to.close();
        open -= 1;
        if (open > 0) return;
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    };
    pass(a, b);
    pass(b, a);
    a.resume();
    b.resume();
  });
}
