import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ConsoleProxy } from '@longshore/consoles';

/** An address of its own for consoles. */
export type ConsoleListener = Readonly<{
  /** Where clients open websockets, unless another one is configured. */
  url: string;
  /** Connections are refused until there is a proxy. */
  serve(proxy: ConsoleProxy): void;
  close(): Promise<void>;
}>;

/** A handshake comes in one piece from any honest client. */
const HEADERS_TIMEOUT_MS = 20_000;

/** Listens where only consoles answer: for a process of their own, beside the API or before it. */
export async function listenForConsoles(
  { host, port }: Readonly<{ host: string; port: number }>,
  tls: Readonly<{ cert: Buffer; key: Buffer }> | undefined,
): Promise<ConsoleListener> {
  const limits = { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: 16_384 };
  const server = tls === undefined ? createServer(limits) : createTlsServer({ ...limits, ...tls });
  server.on('request', (_request, response) => response.writeHead(404).end());
  let handle: ConsoleProxy['handleUpgrade'] = (_request, socket: Duplex) => {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  };
  server.on('upgrade', (request, socket, head) => handle(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const shown = host === '0.0.0.0' || host === '::' ? hostname() : host;
  const authority = `${shown.includes(':') ? `[${shown}]` : shown}:${bound}`;
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://${authority}/v1/console`,
    serve(proxy) {
      handle = proxy.handleUpgrade;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
