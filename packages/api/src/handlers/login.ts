import { LongshoreError, type Me, routes } from '@longshore/contract';
import { accessOf, type NewSession } from '@longshore/identity';
import type { ApiOptions } from '../api-options.ts';
import type { Browser } from '../browser.ts';
import { handle, type RawRequest } from '../handler.ts';
import { meOf } from './asker.ts';

/** Where a browser comes back to from a provider; registered with the provider as the redirect address. */
export const CALLBACK_PATH = '/login/callback';

/** Ways in: each ends with a session's cookie. */
export function loginHandlers({ context, identity }: ApiOptions) {
  const { logins } = identity;
  const entered = async (session: NewSession, browser: Browser): Promise<Me> => {
    browser.setSession(session.secret);
    const principal = await identity.authenticateSession(session.secret);
    if (principal === null) throw new LongshoreError('unauthenticated', 'The account was blocked just now.');
    return meOf(identity, principal, (await accessOf(context.store, principal)).permits);
  };
  return {
    getLogin: handle(routes.getLogin, async () => ({
      providers: [...(await identity.providers.forLogin())],
      ...(await logins.ways()),
    })),
    login: handle(routes.login, async ({ body, browser, ...request }) => {
      browser.requireSameSite();
      const origin = originOf({ browser, ...request });
      return entered(await logins.byPassword(body, origin, browser.sessionSecret), browser);
    }),
    beginPasskeyLogin: handle(routes.beginPasskeyLogin, async ({ browser, address }) => {
      browser.requireSameSite();
      return logins.beginPasskeyLogin(browser.publicOrigin(), address);
    }),
    loginByPasskey: handle(routes.loginByPasskey, async ({ body, browser, ...request }) => {
      browser.requireSameSite();
      const origin = originOf({ browser, ...request });
      const at = browser.publicOrigin();
      return entered(await logins.byPasskey(body, at, origin, browser.sessionSecret), browser);
    }),
    beginProviderLogin: handle(routes.beginProviderLogin, async ({ params, body, browser, address }) => {
      browser.requireSameSite();
      const { url, browserSecret } = await logins.beginAtProvider({
        provider: params.name,
        redirectUri: `${browser.publicOrigin()}${CALLBACK_PATH}`,
        returnTo: body.returnTo,
        address,
      });
      browser.setLogin(browserSecret);
      return { url };
    }),
    createFirstAdministrator: handle(
      routes.createFirstAdministrator,
      async ({ body, browser, ...request }) => {
        browser.requireSameSite();
        const origin = originOf({ browser, ...request });
        return entered(await logins.firstAdministrator(body, origin, browser.sessionSecret), browser);
      },
    ),
  };
}

/** Where a login comes from. */
export function originOf({ address, browser }: Pick<RawRequest, 'address' | 'browser'>): {
  address: string;
  userAgent: string;
} {
  return { address, userAgent: browser.userAgent };
}
