import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { createLxdClient, type LxdClient, type LxdClientOptions } from '../lxd-client.ts';
import { type SelfSigned, selfSigned } from './self-signed.ts';

/** What a test's server does with a request or a websocket. `url` holds path and query. */
export type Script = {
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onSocket?: (socket: WebSocket, request: IncomingMessage) => void;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
};

/** A TLS server that misbehaves as a test wants, and a client pinned to it. */
export type ScriptedServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly identity: SelfSigned;
  /** Common names of the client certificates seen, in order of connection. */
  readonly clientNames: readonly string[];
  readonly requests: readonly string[];
  readonly client: LxdClient;
};

/** Starts it on a free port of the loopback. Disposing it closes the client and every connection. */
export async function startScriptedServer(
  script: Script,
  options: LxdClientOptions = {},
): Promise<ScriptedServer> {
  const identity = selfSigned('scripted');
  const clientNames: string[] = [];
  const requests: string[] = [];
  const tls = {
    cert: identity.cert,
    key: identity.key,
    requestCert: true,
    rejectUnauthorized: false,
    ...(script.minVersion ? { minVersion: script.minVersion } : {}),
    ...(script.maxVersion ? { maxVersion: script.maxVersion } : {}),
  };
  const server = createServer(tls, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (script.onRequest) script.onRequest(request, response);
    else response.writeHead(404).end();
  });
  const open = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // An empty object stands for "no certificate" at run time.
    const subject: unknown = socket.getPeerCertificate().subject;
    clientNames.push(subject === undefined ? '' : JSON.stringify(subject));
  });
  const sockets = new WebSocketServer({ noServer: true, autoPong: false });
  server.on('upgrade', (request, socket, head) => {
    requests.push(`WEBSOCKET ${request.url}`);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => {
        // Tests cut connections on purpose.
      });
      script.onSocket?.(ws, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());
  const url = `https://127.0.0.1:${port}`;
  const client = createLxdClient(
    { kind: 'https', url, fingerprint: identity.fingerprint, clientCertificate: selfSigned('tester') },
    options,
  );
  return {
    url,
    port,
    identity,
    clientNames,
    requests,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      for (const ws of sockets.clients) ws.terminate();
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Port of a listening TCP server. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not listening on TCP');
  return address.port;
}

/** Answers with the API's envelope. */
export function reply(
  response: ServerResponse,
  metadata: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ type: 'sync', status: 'Success', status_code: 200, metadata }));
}

/** Answers with the API's error. */
export function replyError(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error, error_code: status }));
}

/** An operation as servers send it. */
export function operationJson(id: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    class: 'task',
    description: 'Testing',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    status: 'Running',
    status_code: 103,
    resources: null,
    metadata: null,
    may_cancel: true,
    err: '',
    location: 'none',
    ...fields,
  };
}
