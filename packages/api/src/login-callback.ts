import { ERROR_CODES, type ErrorCode } from '@longshore/contract';
import { type ProviderLogin, recordAudit } from '@longshore/identity';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiOptions } from './api-options.ts';
import { type Browser, browserOf } from './browser.ts';
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
      const login = await options.identity.logins.finishAtProvider(
        { query, browserSecret: browser.loginSecret },
        origin,
        browser.sessionSecret,
      );
      return await reply.redirect(await arrive(options, request, browser, login), 303);
    } catch (error) {
      const known = knownError(error);
      if (known === null) throw error;
      // What was never begun can be sent without end, and would fill the log.
      if (known.code !== 'unauthenticated') await audit(options, request, FINISH, NOBODY, known.code);
      return reply.redirect(`/ui/login?error=${known.code}`, 303);
    }
  });
}

const FINISH = 'finishProviderLogin';
const NOBODY = { kind: 'nobody', id: '', name: '' } as const;

/** Where the browser goes on, and what the audit log has of it. */
async function arrive(
  options: ApiOptions,
  request: FastifyRequest,
  browser: Browser,
  login: ProviderLogin,
): Promise<string> {
  const { returnTo } = login;
  switch (login.outcome) {
    case 'entered': {
      browser.setSession(login.session.secret);
      const { id, name } = await options.identity.people.get(login.session.personId);
      await audit(options, request, FINISH, { kind: 'person', id, name }, null);
      return returnTo;
    }
    case 'linked':
      await audit(options, request, 'finishLinkIdentity', { kind: 'person', ...login.person }, null);
      return returnTo;
    case 'failed': {
      const { code, message } = login.error;
      await audit(options, request, login.linking ? 'finishLinkIdentity' : FINISH, NOBODY, code);
      if (code === 'provider-failed') options.log.warn({ reason: message }, 'a login at a provider failed');
      if (!login.linking) return `/ui/login?error=${code}&next=${encodeURIComponent(returnTo)}`;
      // A path of this server, as it was checked when the linking began.
      const url = new URL(returnTo, 'http://here.invalid');
      url.searchParams.set('error', code);
      return `${url.pathname}${url.search}${url.hash}`;
    }
  }
}

async function audit(
  { context }: ApiOptions,
  request: FastifyRequest,
  action: string,
  who: Readonly<{ kind: 'person' | 'nobody'; id: string; name: string }>,
  code: ErrorCode | null,
): Promise<void> {
  await recordAudit(context.store.db, {
    who,
    via: '',
    address: request.ip,
    action,
    target: { kind: 'login', id: who.id, name: who.name },
    status: code === null ? 200 : ERROR_CODES[code].status,
    code,
    operationId: null,
    requestId: request.id,
  });
}
