import { X509Certificate } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { type Call, nameAt } from './call.ts';
import { eventTypes } from './event-hub.ts';
import { type Fault, misbehave, misbehaveUpgrade, refuseUpgrade } from './fault.ts';
import type { HostState } from './host-state.ts';
import { ApiError, envelope, errorBody, syncBody } from './reply.ts';
import { answer, findRoute } from './routes.ts';

/** What can be set on a listener while it runs. */
export interface Manners {
  latencyMs: number;
  fault: Fault | null;
  /** Requests so far, by method and route pattern. */
  readonly counts: Map<string, number>;
  readonly random: () => number;
}

const webSockets = new WebSocketServer({ noServer: true, autoPong: false, perMessageDeflate: false });

/** LXD takes large bodies only for images and files, which are not simulated. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Go keeps idle connections as long as the client does; node would cut them and race with the next request. */
const like = { keepAlive: true, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 } as const;
const rareChecks = { connectionsCheckingInterval: 3600_000 } as const; // a thousand servers have a timer each

/** Serves a host over TLS with client certificates, or over a unix socket whose clients are trusted. */
export function createListener(
  host: HostState,
  manners: Manners,
  tls: { cert: string; key: string } | null,
): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    serve(host, manners, request, response).catch((error: unknown) => fail(response, error));
  };
  const server = tls
    ? createHttpsServer(
        { ...tls, ...like, ...rareChecks, requestCert: true, rejectUnauthorized: false },
        handle,
      )
    : createHttpServer({ ...like, ...rareChecks }, handle);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy()); // the other side went away: the close that follows is all there is
    upgrade(host, manners, request, socket, head).catch((error: unknown) => {
      const status = error instanceof ApiError ? error.status : 500;
      refuseUpgrade(socket, status, error instanceof ApiError ? error.message : describe(error));
    });
  });
  return server;
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return; // the client has gone: there is nobody left to tell
  const known = error instanceof ApiError;
  const status = known ? error.status : 500;
  const message = known ? error.message : `fault of the simulation: ${describe(error)}`;
  if (response.headersSent) {
    response.end(errorBody(status, message));
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  response.end(errorBody(status, message));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

interface Target {
  readonly url: URL;
  readonly found: NonNullable<ReturnType<typeof findRoute>>;
}

function locate(manners: Manners, request: IncomingMessage): Target {
  const url = URL.parse(request.url ?? '/', 'http://host');
  const found = url ? findRoute(url.pathname) : undefined;
  const key = `${request.method ?? 'GET'} ${found?.route.pattern ?? 'elsewhere'}`;
  manners.counts.set(key, (manners.counts.get(key) ?? 0) + 1);
  if (!url || !found) throw new ApiError(404, 'not found');
  return { url, found };
}

async function serve(host: HostState, manners: Manners, request: IncomingMessage, response: ServerResponse) {
  const body = await readBody(request);
  if (manners.latencyMs > 0) await delay(manners.latencyMs);
  if (misbehave(manners.fault, manners.random, request, response)) return;
  const { url, found } = locate(manners, request);
  const call = makeCall(host, request, url, found.names, body);
  if (found.route.pattern === '/1.0/operations/{id}/wait' && call.trusted) {
    await wait(call, response);
    return;
  }
  const { status, headers, body: text } = envelope(answer(found.route, call));
  const type = found.route.pattern === '/1.0/metrics' ? 'text/plain' : 'application/json';
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers });
  sendSlices(response, bytes, 0);
}

/**
 * In one piece a big body would be encrypted at once into a buffer of its size, which the connection then keeps:
 * 0.4 MB for each of a thousand idle connections. In slices it is 16 KB, one TLS record.
 */
const sliceBytes = 16 * 1024;

function sendSlices(response: ServerResponse, bytes: Buffer, from: number): void {
  for (let at = from; at + sliceBytes < bytes.length; at += sliceBytes) {
    if (!response.write(bytes.subarray(at, at + sliceBytes))) {
      response.once('drain', () => sendSlices(response, bytes, at + sliceBytes));
      return;
    }
    from = at + sliceBytes;
  }
  response.end(bytes.subarray(from));
}

/** LXD answers a wait that ran out with the running operation, Incus with an error under HTTP status 200. */
async function wait(call: Call, response: ServerResponse): Promise<void> {
  const seconds = Number.parseInt(call.query.get('timeout') ?? '-1', 10);
  const { host } = call;
  host.operations.get(nameAt(call, 0)); // 404 before the head of a success is written
  response.writeHead(200, { 'content-type': 'application/json' });
  if (host.kind === 'incus') response.flushHeaders();
  const limitMs = Number.isNaN(seconds) || seconds < 0 ? null : seconds * 1000;
  const { operation, errorStatus } = await host.operations.wait(nameAt(call, 0), limitMs);
  if (host.kind === 'lxd' || operation.status === 'Success' || operation.status === 'Cancelled') {
    response.end(syncBody(operation));
    return;
  }
  const ranOut = operation.status === 'Running' || operation.status === 'Pending';
  response.end(ranOut ? errorBody(500, 'context deadline exceeded') : errorBody(errorStatus, operation.err));
}

async function upgrade(
  host: HostState,
  manners: Manners,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  if (manners.latencyMs > 0) await delay(manners.latencyMs);
  if (misbehaveUpgrade(manners.fault, manners.random, socket)) return;
  const { url, found } = locate(manners, request);
  const call = makeCall(host, request, url, found.names, '');
  switch (found.route.pattern) {
    case '/1.0/events': {
      if (!call.trusted) throw new ApiError(403, 'not authorized');
      const { types, project } = subscription(call);
      webSockets.handleUpgrade(request, socket, head, (opened) =>
        host.events.subscribe(opened, types, project),
      );
      return;
    }
    case '/1.0/operations/{id}/websocket': {
      const session = host.sessions.get(nameAt(call, 0));
      const secret = call.query.get('secret') ?? '';
      const role = Object.keys(session?.secrets ?? {}).find((one) => session?.secrets[one] === secret);
      if (!session || role === undefined) throw new ApiError(404, 'not found');
      webSockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', () => opened.terminate()); // 'close' follows, which the session hears
        opened.on('ping', (data) => opened.pong(data));
        session.connect(role, opened);
      });
      return;
    }
    default:
      throw new ApiError(400, 'Bad Request');
  }
}

/** LXD 5.0 calls a bad subscription its own fault. */
function subscription(call: Call): { types: ReadonlySet<string>; project: string | null } {
  const status = call.host.kind === 'lxd' ? 500 : 400;
  const { query } = call;
  const all = query.get('all-projects') === 'true';
  if (all && query.has('project')) {
    throw new ApiError(status, 'Cannot specify a project when requesting all projects');
  }
  const types = query.get('type')?.split(',') ?? [...eventTypes];
  const unknown = types.find((type) => !eventTypes.some((known) => known === type));
  if (unknown !== undefined) throw new ApiError(status, `"${unknown}" isn't a supported event type`);
  return { types: new Set(types), project: all ? null : query.get('project') || 'default' };
}

type Peer = NonNullable<Call['peer']>;
const peers = new WeakMap<TLSSocket, Peer>();

/** The certificate is parsed once for each connection. */
function peerOf(request: IncomingMessage): Peer | null {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return null;
  const known = peers.get(socket);
  if (known) return known;
  const shown = socket.getPeerX509Certificate();
  if (!(shown instanceof X509Certificate)) return null;
  const peer = { fingerprint: shown.fingerprint256.replaceAll(':', '').toLowerCase(), pem: shown.toString() };
  peers.set(socket, peer);
  return peer;
}

function makeCall(host: HostState, request: IncomingMessage, url: URL, names: string[], body: string): Call {
  const local = !(request.socket instanceof TLSSocket);
  const peer = peerOf(request);
  const trusted = local || (peer !== null && host.certificates.has(peer.fingerprint));
  const address = local ? '@' : `${request.socket.remoteAddress ?? ''}:${request.socket.remotePort ?? 0}`;
  const ifMatch = request.headers['if-match'];
  return {
    host,
    method: request.method ?? 'GET',
    path: url.pathname,
    names,
    query: url.searchParams,
    ifMatch,
    trusted,
    peer,
    requestor: {
      username: trusted ? (peer?.fingerprint ?? 'root') : '',
      protocol: trusted ? (local ? 'unix' : 'tls') : '',
      address,
    },
    body,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET' || request.method === 'HEAD') return '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new ApiError(413, 'request body too large for the simulation');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString();
}

function delay(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}
