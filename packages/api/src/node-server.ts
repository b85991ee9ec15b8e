import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** Certificate chain and key, PEM. */
export type TlsFiles = Readonly<{ cert: string | Buffer; key: string | Buffer }>;

/** Headers come in one piece from any honest client. */
const HEADERS_TIMEOUT_MS = 20_000;
const MAX_HEADER_BYTES = 16_384;
/** Above the minute that load balancers mostly keep a connection, so that it is they who close it. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Silence on a connection: above the longest wait for an operation (60 s) and the pause between two comments. */
const SILENCE_TIMEOUT_MS = 120_000;

/** Node's server with limits against slow clients; over TLS where files are given. */
export function createNodeServer(listener: RequestListener, tls: TlsFiles | undefined): Server {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // An export takes as long as it takes to upload; bodies of other routes have a limit of their own.
    requestTimeout: 0,
  };
  const server =
    tls === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, listener);
  server.setTimeout(SILENCE_TIMEOUT_MS);
  return server;
}
