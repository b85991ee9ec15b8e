import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { LongshoreError } from '@longshore/contract';
import type { FastifyInstance } from 'fastify';

/** The UI talks to this server only, runs its own files only, and stands in nobody's frame. */
const policyFor = (consoles: string | undefined) =>
  [
    "default-src 'self'",
    // The component library writes sizes and colours into style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    // Where consoles have an address of their own, the page opens websockets there.
    `connect-src 'self'${consoles === undefined ? '' : ` ${new URL(consoles).origin}`}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Whether the browser UI was built into a folder: `registerWebUi` serves it then. */
export function isWebUiBuilt(root: string): boolean {
  return existsSync(join(root, 'index.html'));
}

/** Files with a hash in their name never change. */
const A_YEAR_SECONDS = 31_536_000;

/**
 * Serves the built browser UI below `/ui/`: its files with their precompressed forms, and the page itself at every address
 * that is no file, since the UI keeps its state in the address. Without a built UI, `/ui/` says how to build it.
 *
 * @param consoles public address of the consoles, where they have one of their own
 */
export function registerWebUi(app: FastifyInstance, root: string, consoles?: string): void {
  const policy = policyFor(consoles);
  const open = { config: { need: 'public' as const } };
  app.get('/', open, async (_request, reply) => reply.redirect('/ui/'));
  if (!isWebUiBuilt(root)) {
    const missing = async () => {
      throw new LongshoreError('not-found', 'The browser UI is not built here.', {
        hint: 'Run "npm run build", then start again.',
      });
    };
    app.get('/ui/', open, missing);
    app.get('/ui/*', open, missing);
    return;
  }
  void app.register(fastifyStatic, {
    root,
    serve: false,
    preCompressed: true,
    maxAge: 0,
    cacheControl: false,
  });
  app.get('/ui', open, async (_request, reply) => reply.redirect('/ui/'));
  app.get<{ Params: { '*': string } }>('/ui/*', open, async (request, reply) => {
    const path = request.params['*'];
    const isFile = /^(assets\/)?[\w.-]+\.\w+$/.test(path) && path !== 'index.html';
    void reply.headers({
      'content-security-policy': policy,
      'cache-control': path.startsWith('assets/')
        ? `public, max-age=${A_YEAR_SECONDS}, immutable`
        : 'no-cache',
    });
    if (isFile && !existsSync(join(root, path))) {
      throw new LongshoreError('not-found', 'The browser UI has no such file.', {
        hint: 'Reload the page: the UI was updated.',
      });
    }
    return reply.sendFile(isFile ? path : 'index.html');
  });
}
