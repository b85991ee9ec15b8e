import { Duplex } from 'node:stream';
import WebSocket from 'ws';
import type { Query } from './api-path.ts';
import { fromNetworkError, LxdError } from './lxd-error.ts';
import type { Transport } from './transport.ts';

/** Largest single frame we accept: LXD sends events whole and streams in frames of at most 128 KiB. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Opens a websocket on the server over a pinned connection of its own.
 * Throws LxdError `unreachable`, `timeout`, `aborted`, `forbidden`, `not-found`, `bad-reply`.
 */
export async function openWebSocket(
  transport: Transport,
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<WebSocket> {
  const target = `${transport.label} WEBSOCKET ${path}`;
  const socket = await transport.dial(signal);
  const host = transport.endpoint.kind === 'https' ? new URL(transport.endpoint.url).host : 'unix.socket';
  return await new Promise<WebSocket>((resolve, reject) => {
    const ws = new WebSocket(`ws://${host}${transport.url(path, query)}`, {
      createConnection: () => socket, // connected, encrypted and pinned already
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      followRedirects: false,
      handshakeTimeout: transport.timeoutMs,
      headers: { 'user-agent': transport.userAgent },
    });
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      ws.on('error', () => {
        // Reported through the promise; terminate() below raises one more.
      });
      ws.terminate();
      socket.destroy();
      reject(fromNetworkError(error, target));
    };
    const onAbort = (): void => fail(signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    ws.once('error', fail);
    ws.once('unexpected-response', (_, response) => {
      const status = response.statusCode ?? 0;
      const code =
        status === 404 ? 'not-found' : status === 401 || status === 403 ? 'forbidden' : 'bad-reply';
      fail(new LxdError({ code, message: `websocket refused with HTTP status ${status}`, status, target }));
    });
    ws.once('open', () => {
      signal.removeEventListener('abort', onAbort);
      ws.off('error', fail);
      // Nothing may arrive before the caller listens; it resumes by itself (webSocketStream) or by resume().
      ws.pause();
      resolve(ws);
    });
  });
}

/** Bytes of a websocket message, whichever form ws delivers. */
export function messageBytes(data: WebSocket.RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/**
 * An LXD data websocket as a byte stream with back pressure both ways. An empty text frame means end of data in either
 * direction (LXD shared/ws: the `MirrorRead` barrier); so does the closing of the socket.
 */
export function webSocketStream(ws: WebSocket, target: string): Duplex {
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    stream.push(null);
  };
  const stream = new Duplex({
    allowHalfOpen: true,
    read() {
      if (ws.isPaused) ws.resume();
    },
    write(chunk, _encoding, callback) {
      if (ws.readyState !== WebSocket.OPEN) {
        // The process at the other end has gone; like a closed pipe, but not worth breaking the reading side.
        callback();
        return;
      }
      ws.send(chunk, { binary: true }, callback);
    },
    final(callback) {
      if (ws.readyState !== WebSocket.OPEN) callback();
      else ws.send('', { binary: false }, () => callback());
    },
    destroy(error, callback) {
      ws.terminate();
      callback(error);
    },
  });
  ws.on('message', (data, isBinary) => {
    const bytes = messageBytes(data);
    if (ended) return;
    if (!isBinary && bytes.length === 0) end();
    else if (!stream.push(bytes)) ws.pause();
  });
  ws.on('close', end);
  ws.on('error', (error) => stream.destroy(fromNetworkError(error, target)));
  return stream;
}
