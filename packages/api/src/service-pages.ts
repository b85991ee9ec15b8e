import { openApi } from '@longshore/contract';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { ApiOptions } from './api-options.ts';
import { devicePage } from './device-page.ts';
import { docsPage } from './docs-page.ts';
import type { Page } from './page.ts';
import { setupPage } from './setup-page.ts';

/** What the pages beside the API show. */
export type ServicePages = ApiOptions & Readonly<{ registry: Registry; stopping: AbortSignal }>;

/** Where they are. */
export const SERVICE_PATHS = [
  '/docs',
  '/setup',
  '/device',
  '/login/callback',
  '/v1/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
] as const;

/** Pages for people, probes and Prometheus. */
export function registerServicePages(app: FastifyInstance, pages: ServicePages): void {
  const open = { config: { need: 'public' as const } };
  // Made when first asked for: few processes are, and it costs some 50 ms and as many kilobytes.
  let docs: Page | undefined;
  let description: string | undefined;
  const setup = setupPage();
  const device = devicePage();
  const sendPage = (page: Page) => ({ ...page.headers, 'cache-control': 'no-cache' });

  app.get('/docs', open, async (_request, reply) => {
    docs ??= docsPage(pages.version);
    return reply.headers(sendPage(docs)).type('text/html; charset=utf-8').send(docs.html);
  });
  app.get('/setup', open, async (_request, reply) =>
    reply.headers(sendPage(setup)).type('text/html; charset=utf-8').send(setup.html),
  );
  app.get('/device', open, async (_request, reply) =>
    reply.headers(sendPage(device)).type('text/html; charset=utf-8').send(device.html),
  );
  app.get('/v1/openapi.json', open, async (_request, reply) => {
    description ??= JSON.stringify(openApi(pages.version));
    return reply.type('application/json; charset=utf-8').send(description);
  });
  // Alive is who answers; whether the work can be done is the other question.
  app.get('/healthz', open, async (_request, reply) =>
    reply.type('application/json').send('{"status":"ok"}'),
  );
  app.get('/readyz', open, async (_request, reply) => {
    const reason = await reasonNotReady(pages);
    return reply
      .code(reason === null ? 200 : 503)
      .type('application/json')
      .send(JSON.stringify(reason === null ? { status: 'ready' } : { status: 'not ready', reason }));
  });
  const need = pages.settings?.metricsAccess === 'open' ? 'public' : 'server:read';
  app.get('/metrics', { config: { need } }, async (_request, reply) =>
    reply.type(pages.registry.contentType).send(await pages.registry.metrics()),
  );
}

async function reasonNotReady(pages: ServicePages): Promise<string | null> {
  if (pages.stopping.aborted) return 'stopping';
  const reason = pages.notReady?.() ?? null;
  if (reason !== null) return reason;
  return (await pages.context.store.healthy()) ? null : 'the database does not answer';
}
