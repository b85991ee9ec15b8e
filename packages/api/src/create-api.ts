import { createHash, randomUUID } from 'node:crypto';
import { LongshoreError, type Route, routes } from '@longshore/contract';
import type { Listening } from '@longshore/store';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { ApiOptions } from './api-options.ts';
import { auditRefused } from './audit.ts';
import { authorise } from './authenticate.ts';
import { createFailedLogins } from './failed-logins.ts';
import { createHandlers } from './handlers.ts';
import { registerLoginCallback } from './login-callback.ts';
import { createMetrics } from './metrics.ts';
import { createNodeServer } from './node-server.ts';
import { createOpenStreams } from './open-streams.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { answerBrokenRequest, sendProblem } from './problem-reply.ts';
import { methodsAt, registerRoutes } from './register-routes.ts';
import { registerServicePages, SERVICE_PATHS } from './service-pages.ts';
import { standardMetrics } from './standard-metrics.ts';
import { traceRequests } from './tracing.ts';

const DEFAULT_BODY_LIMIT_BYTES = 2 * 1024 * 1024;
const DEFAULT_MAX_EVENT_STREAMS = 500;
/** A JSON body of 2 MiB within this time is 70 KiB/s; uploads are exempt. */
const BODY_TIMEOUT_MS = 30_000;

/**
 * The HTTP API: translates between the contract's routes and the rooms, and decides nothing. Call `listen` on what it
 * returns; `close` ends event streams, lets running requests end, and closes the connections.
 */
export function createApi(options: ApiOptions): FastifyInstance {
  const { identity, log } = options;
  const settings = options.settings ?? {};
  const stopping = new AbortController();
  const streams = createOpenStreams(settings.maxEventStreams ?? DEFAULT_MAX_EVENT_STREAMS);
  const failedLogins = createFailedLogins();
  const contractRoutes: readonly Route[] = Object.values(routes);
  const addresses = [...contractRoutes, ...SERVICE_PATHS.map((path) => ({ method: 'GET' as const, path }))];
  const app = fastify({
    logger: false,
    trustProxy: settings.trustedProxies === undefined ? false : [...settings.trustedProxies],
    bodyLimit: settings.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    serverFactory: (listener) => createNodeServer(listener, options.tls),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 255 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(log, error, request, reply);
    },
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      request.bodyHash = createHash('sha256').update(body).digest('hex');
      return parseJsonBody(body);
    },
  );
  app.decorateRequest('bodyHash', '');
  app.decorateRequest('principal', null);
  app.decorateRequest('access', null);
  app.decorateRequest('audited', false);
  traceRequests(app);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });
  app.addHook('onRequest', (request, reply) => authorise(options, failedLogins, request, reply));
  limitBodyTime(app);
  app.addHook('onSend', async (_request, reply) => {
    // What ends while we stop would otherwise hold its connection, and so the stop, until the client lets go.
    if (stopping.signal.aborted) void reply.header('connection', 'close');
  });

  app.setErrorHandler(async (error, request, reply) => {
    await auditRefused(options.context.store, log, request, error);
    return sendProblem(log, error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(addresses, new URL(request.url, 'http://any').pathname);
    void reply.header('allow', methods.join(', '));
    if (methods.length > 0 && request.method === 'OPTIONS') return reply.code(204).send();
    if (methods.length > 0) {
      throw new LongshoreError('method-not-allowed', `${request.method} is not supported here.`, {
        hint: `Use one of: ${methods.join(', ')}.`,
      });
    }
    throw new LongshoreError('not-found', 'There is nothing at this address.', {
      hint: 'The page /docs lists all routes.',
    });
  });

  const metrics = createMetrics(
    [...standardMetrics(options, streams), ...(options.metrics ?? [])],
    (metric, error) => log.warn({ metric, error }, 'a figure cannot be read now'),
  );
  metrics.observe(app);
  app.addHook('onResponse', async (request, reply) => {
    log.debug(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.raw.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
        asker: request.principal?.name ?? null,
        address: request.ip,
      },
      'answered',
    );
  });

  registerRoutes(app, createHandlers(options, failedLogins), options, streams, stopping.signal);
  registerLoginCallback(app, options);
  registerServicePages(app, {
    ...options,
    registry: metrics.registry,
    stopping: stopping.signal,
  });

  let listening: Listening | undefined;
  app.addHook('onReady', async () => {
    listening = await identity.onAccessChange((id) => streams.end(id));
  });
  app.addHook('preClose', async () => {
    stopping.abort();
    streams.end(null);
  });
  app.addHook('onClose', async () => listening?.stop());
  return app;
}

/** Cuts off who sends a body drop by drop. */
function limitBodyTime(app: FastifyInstance): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  app.addHook('preParsing', async (request) => {
    if (request.routeOptions.config.upload === true) return;
    timers.set(request, setTimeout(() => request.raw.destroy(), BODY_TIMEOUT_MS).unref());
  });
  const arrived = async (request: FastifyRequest) => clearTimeout(timers.get(request));
  app.addHook('preValidation', arrived);
  app.addHook('onResponse', arrived);
  app.addHook('onRequestAbort', arrived);
}
