import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Me } from '@longshore/contract';
import {
  type IdentityProviderProcess,
  type ProvidedAccount,
  startIdentityProvider,
  type TestBrowser,
} from '@longshore/testbed';
import { z } from 'zod';
import { openTestApi, type TestApi } from './open-test-api.ts';

/** Who the provider knows first. */
export const anna: ProvidedAccount = {
  id: '7',
  username: 'Anna.B',
  name: 'Anna B',
  email: 'anna@example.org',
  groups: ['lab/web'],
};
const Begun = z.object({ url: z.string() });

/** What a test has to do with. */
export type Opened = Readonly<{ api: TestApi; provider: IdentityProviderProcess; providerId: string }>;

/** An API with a provider that is set up as GitLab is. */
export async function openWithProvider(t: TestContext): Promise<Opened> {
  const api = await openTestApi(t);
  const provider = await startIdentityProvider([`${api.url}/login/callback`], [anna]);
  t.after(() => provider.close());
  const { value } = await api.client.call('createIdentityProvider', {
    body: {
      name: 'gitlab',
      title: 'GitLab',
      kind: 'gitlab',
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      scopes: ['profile', 'email', 'read_user'],
    },
  });
  return { api, provider, providerId: value.id };
}

/** Goes to the provider and comes back as far as to the callback's address. */
export async function goAndReturn(
  api: TestApi,
  browser: TestBrowser,
  returnTo = '/ui/instances',
): Promise<string> {
  const reply = await browser.change('POST', `${api.url}/v1/login/providers/gitlab`, { returnTo });
  assert.equal(reply.status, 200, await reply.clone().text());
  return browser.follow(Begun.parse(await reply.json()).url, `${api.url}/login/callback`);
}

/** Where the callback sends the browser. */
export async function arrive(browser: TestBrowser, callback: string): Promise<string> {
  return (await browser.request(callback)).headers.get('location') ?? '';
}

/** Who the browser is logged in as. */
export async function meOf(api: TestApi, browser: TestBrowser): Promise<Me> {
  return Me.parse(await (await browser.request(`${api.url}/v1/me`)).json());
}
