import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * One span for each request (https://opentelemetry.io/docs/specs/semconv/http/http-spans/), a child of the caller's
 * when it sends `traceparent`. Without a configured provider these calls do nothing.
 */
export function traceRequests(app: FastifyInstance): void {
  const tracer = trace.getTracer('longshore/api');
  app.decorateRequest('span', null);
  app.addHook('onRequest', async (request) => {
    const parent = propagation.extract(context.active(), request.headers);
    const route = request.routeOptions.url ?? 'unknown';
    request.span = tracer.startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
      parent,
    );
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.span === null) return;
    request.span.setAttribute('http.response.status_code', reply.raw.statusCode);
    if (reply.raw.statusCode >= 500) request.span.setStatus({ code: SpanStatusCode.ERROR });
    request.span.end();
  });
}

/** The context in which a request's work runs, so that its spans are children of the request's. */
export function tracedContext(request: FastifyRequest): Context {
  const span: Span | null = request.span;
  return span === null ? context.active() : trace.setSpan(context.active(), span);
}
