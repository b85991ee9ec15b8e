import { Readable } from 'node:stream';
import { LongshoreError, type Method, type Route } from '@longshore/contract';
import { type Access, connectionKeyOf, NOBODY, type Principal } from '@longshore/identity';
import type { Log } from '@longshore/store';
import { type Span, context as traceContext } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { ApiOptions } from './api-options.ts';
import { auditDone, witnessOf } from './audit.ts';
import { browserOf } from './browser.ts';
import { sendEvents } from './event-stream.ts';
import type { BoundHandler, FileReply, Outcome, RawRequest } from './handler.ts';
import type { OpenStreams } from './open-streams.ts';
import { etagOf, requesterOf, revisionOf } from './preconditions.ts';
import { tracedContext } from './tracing.ts';
import { discardUpload, openUpload } from './upload.ts';

/** Registers every route of the contract in one loop. */
export function registerRoutes(
  app: FastifyInstance,
  handlers: Readonly<Record<string, BoundHandler>>,
  options: Pick<ApiOptions, 'context' | 'identity' | 'log' | 'settings' | 'tls'>,
  streams: OpenStreams,
  stopping: AbortSignal,
): void {
  const ordinary = Object.values(handlers).filter(({ route }) => route.stream !== 'request');
  const uploads = Object.values(handlers).filter(({ route }) => route.stream === 'request');
  for (const bound of ordinary) register(app, bound, options, streams, stopping);
  // Uploads are a scope of their own: there a body is a stream of bytes and never parsed, elsewhere it is JSON.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
    for (const bound of uploads) register(scope, bound, options, streams, stopping);
  });
}

function register(
  app: FastifyInstance,
  bound: BoundHandler,
  options: Pick<ApiOptions, 'context' | 'identity' | 'log' | 'settings' | 'tls'>,
  streams: OpenStreams,
  stopping: AbortSignal,
): void {
  const { route } = bound;
  const shorthand: RouteShorthandOptions = {
    config: {
      route,
      need: route.permission ?? 'public',
      partial: route.partial === true,
      pendingToo: route.pendingToo === true,
      upload: route.stream === 'request',
    },
    // A HEAD would open the file or the stream only to throw it away.
    exposeHeadRoute: route.stream !== 'reply' && route.stream !== 'events',
  };
  app.route({
    ...shorthand,
    method: route.method,
    url: fastifyPath(route.path),
    handler: async (request, reply) => {
      const principal = request.principal ?? NOBODY;
      const stream = route.stream === 'events' ? streams.open(connectionKeyOf(principal)) : null;
      const ending = new AbortController();
      const { signal } = ending;
      const end = () => ending.abort();
      // Not AbortSignal.any: it keeps a record at the long-lived signal for each request until it is collected.
      reply.raw.once('close', end);
      stopping.addEventListener('abort', end, { once: true });
      stream?.signal.addEventListener('abort', end, { once: true });
      if (stopping.aborted) end();
      const stillAllowed = async () => (await options.identity.principalNow(principal)) !== null;
      try {
        const raw = rawRequestOf(route, request, reply, options, principal, signal);
        const outcome = await traceContext.with(tracedContext(request), () => bound.run(raw));
        await auditDone(
          options.context.store,
          request,
          route,
          outcome.kind === 'value' ? outcome.value : null,
        );
        await send(route, outcome, request, reply, signal, stillAllowed, options.log);
      } catch (error) {
        if (route.stream === 'request') discardUpload(request.raw);
        throw error;
      } finally {
        stopping.removeEventListener('abort', end);
        stream?.close();
      }
      return reply;
    },
  });
}

function rawRequestOf(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: Pick<ApiOptions, 'settings' | 'tls'>,
  principal: Principal,
  signal: AbortSignal,
): RawRequest {
  const upload = request.body instanceof Readable ? openUpload(request.body) : null;
  if (route.stream === 'request' && upload === null) {
    throw new LongshoreError('unsupported-media-type', 'The request has no file.', {
      hint: 'Send it as application/octet-stream.',
    });
  }
  const access = request.access ?? NO_ACCESS;
  return {
    params: request.params,
    query: request.query,
    body: upload === null ? request.body : undefined,
    principal,
    permits: access.permits,
    access,
    browser: browserOf(options, request, reply),
    requester: {
      ...requesterOf(route, principal, headerOf(request, 'idempotency-key'), {
        method: request.method,
        url: request.url,
        bodyHash: request.bodyHash,
      }),
      witness: witnessOf(request, route),
    },
    revision: revisionOf(route, headerOf(request, 'if-match')),
    lastEventId: headerOf(request, 'last-event-id'),
    upload,
    address: request.ip,
    signal,
  };
}

/** On public routes: nothing. */
const NO_ACCESS: Access = {
  permits: () => false,
  permitsSomewhere: () => false,
  permitsOn: () => false,
  reach: () => ({ projects: [], hosts: [], labels: [], requesterId: '' }),
  parts: [],
};

async function send(
  route: Route,
  outcome: Outcome,
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
  stillAllowed: () => Promise<boolean>,
  log: Log,
): Promise<void> {
  switch (outcome.kind) {
    case 'value':
      if (route.etag !== undefined) void reply.header('etag', etagOf(revisionIn(outcome.value)));
      if (route.status === 204) await reply.code(204).send();
      else await sendJson(route, reply, JSON.stringify(outcome.value));
      return;
    case 'json':
      await sendJson(route, reply, outcome.text);
      return;
    case 'file':
      outcome.file.stream.once('error', (error) =>
        log.warn({ error, requestId: request.id, file: outcome.file.name }, 'a download broke off'),
      );
      await sendFile(route, reply, outcome.file);
      return;
    case 'events': {
      reply.hijack();
      const headers = { 'x-request-id': request.id, 'x-content-type-options': 'nosniff' };
      await sendEvents(reply.raw, headers, outcome.subscription, {
        signal,
        stillAllowed,
      });
      return;
    }
    default:
      outcome satisfies never;
  }
}

async function sendJson(route: Route, reply: FastifyReply, text: string | Buffer): Promise<void> {
  await reply
    .code(route.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(text);
}

async function sendFile(route: Route, reply: FastifyReply, file: FileReply): Promise<void> {
  if (file.sha256 !== undefined) {
    // RFC 9530
    void reply.header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`);
  }
  await reply
    .code(route.status)
    .headers(file.sizeBytes === null ? {} : { 'content-length': String(file.sizeBytes) })
    .header('content-disposition', `attachment; filename="${file.name.replaceAll(/[^\w.-]/g, '_')}"`)
    .header('cache-control', 'no-store')
    .type(file.type ?? 'application/octet-stream')
    .send(file.stream);
}

/** Fastify's form of a path: `/v1/hosts/:id`. */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function revisionIn(value: unknown): number {
  if (
    typeof value === 'object' &&
    value !== null &&
    'revision' in value &&
    typeof value.revision === 'number'
  ) {
    return value.revision;
  }
  throw new TypeError('A route with an ETag was answered with a value that has no revision.');
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

type Addressed = Pick<Route, 'method' | 'path' | 'stream'>;

/** Methods that there are at a path; for `Allow`. */
export function methodsAt(
  routes: readonly Addressed[],
  pathname: string,
): readonly (Method | 'HEAD' | 'OPTIONS')[] {
  const found = new Set<Method | 'HEAD' | 'OPTIONS'>();
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]*')}$`);
    if (!pattern.test(pathname)) continue;
    found.add(route.method);
    if (route.method === 'GET' && route.stream === undefined) found.add('HEAD');
    found.add('OPTIONS');
  }
  return [...found];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    upload?: boolean;
  }
  interface FastifyRequest {
    span: Span | null;
    /** SHA-256 of the JSON body as it came; empty without one. */
    bodyHash: string;
  }
}
