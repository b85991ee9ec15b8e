import { ERROR_CODES, type ErrorCode } from '@longshore/contract';
import { recordAudit } from '@longshore/identity';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiOptions } from './api-options.ts';
import { browserOf } from './browser.ts';
import { CALLBACK_PATH } from './handlers/login.ts';
import { knownError } from './problem-reply.ts';

/**
 * Where the browser comes back to from an identity provider: a page for a browser on its way, hence no route of the
 * contract. It answers with a redirect, to where the login was begun or to the login page with the error's code.
 */
export function registerLoginCallback(app: FastifyInstance, options: ApiOptions): void {
  app.get(CALLBACK_PATH, { config: { need: 'public' } }, async (request, reply) => {
    const browser = browserOf(options, request, reply);
    void reply.header('cache-control', 'no-store');
    const at = request.url.indexOf('?');
    const query = at < 0 ? '' : request.url.slice(at);
    const origin = { address: request.ip, userAgent: browser.userAgent };
    browser.clearLogin();
    try {
      const { session, returnTo } = await options.identity.logins.finishAtProvider(
        { query, browserSecret: browser.loginSecret },
        origin,
        browser.sessionSecret,
      );
      browser.setSession(session.secret);
      const { name } = await options.identity.people.get(session.personId);
      await audit(options, request, { kind: 'person', id: session.personId, name }, null);
      return await reply.redirect(returnTo, 303);
    } catch (error) {
      const known = knownError(error);
      if (known === null) throw error;
      // What was never begun can be sent without end, and would fill the log.
      if (known.code !== 'unauthenticated') {
        await audit(options, request, { kind: 'nobody', id: '', name: '' }, known.code);
      }
      if (known.code === 'provider-failed')
        options.log.warn({ reason: known.message }, 'a login at a provider failed');
      return reply.redirect(`/ui/login?error=${known.code}`, 303);
    }
  });
}

async function audit(
  { context }: ApiOptions,
  request: FastifyRequest,
  who: Readonly<{ kind: 'person' | 'nobody'; id: string; name: string }>,
  code: ErrorCode | null,
): Promise<void> {
  await recordAudit(context.store.db, {
    who,
    via: '',
    address: request.ip,
    action: 'finishProviderLogin',
    target: { kind: 'login', id: who.id, name: who.name },
    status: code === null ? 200 : ERROR_CODES[code].status,
    code,
    operationId: null,
    requestId: request.id,
  });
}
