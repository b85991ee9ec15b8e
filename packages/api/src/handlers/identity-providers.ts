import { LongshoreError, routes } from '@longshore/contract';
import type { ApiOptions } from '../api-options.ts';
import type { Browser } from '../browser.ts';
import { handle, handleEmpty } from '../handler.ts';
import { requireAllPermissions } from './asker.ts';
import { CALLBACK_PATH } from './login.ts';

/** Where people can log in beside here. */
export function identityProviderHandlers({ identity }: ApiOptions) {
  const { providers } = identity;
  const mustExist = async (id: string) => {
    if ((await providers.list()).some((provider) => provider.id === id)) return;
    throw new LongshoreError('not-found', `There is no identity provider ${id}.`, {
      hint: 'List the identity providers to see which there are.',
    });
  };
  return {
    listIdentityProviders: handle(routes.listIdentityProviders, async () => ({
      items: [...(await providers.list())],
    })),
    createIdentityProvider: handle(routes.createIdentityProvider, async ({ body, permits }) => {
      requireAllPermissions(permits, 'add an identity provider');
      return providers.create(body);
    }),
    updateIdentityProvider: handle(routes.updateIdentityProvider, async ({ params, body, permits }) => {
      await mustExist(params.id);
      requireAllPermissions(permits, 'change an identity provider');
      return providers.update(params.id, body);
    }),
    testIdentityProvider: handle(routes.testIdentityProvider, async ({ params, permits, browser }) => {
      await mustExist(params.id);
      requireAllPermissions(permits, 'test an identity provider');
      const callbackUrl = callbackUrlOf(browser);
      return { ...(await providers.test(params.id, callbackUrl)), callbackUrl };
    }),
    deleteIdentityProvider: handleEmpty(routes.deleteIdentityProvider, async ({ params, permits }) => {
      await mustExist(params.id);
      requireAllPermissions(permits, 'remove an identity provider');
      return providers.delete(params.id);
    }),
  };
}

/** Null where the server does not know under which address people reach it. */
function callbackUrlOf(browser: Browser): string | null {
  try {
    return `${browser.publicOrigin()}${CALLBACK_PATH}`;
  } catch (error) {
    if (error instanceof LongshoreError && error.code === 'conflict') return null;
    throw error;
  }
}
