import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LinkedIdentity, Problem } from '@longshore/contract';
import { createTestBrowser, type TestBrowser } from '@longshore/testbed';
import { z } from 'zod';
import type { TestApi } from './testing/open-test-api.ts';
import { anna, arrive, goAndReturn, meOf, openWithProvider } from './testing/open-with-provider.ts';

const Begun = z.object({ url: z.string() });
const Identities = z.object({ items: z.array(LinkedIdentity) });
const password = 'long enough here';

/** A local account that is logged in. */
async function localPerson(api: TestApi, name: string): Promise<TestBrowser> {
  await api.client.call('createPerson', { body: { name, displayName: name, password } });
  const browser = createTestBrowser();
  assert.equal((await browser.change('POST', `${api.url}/v1/login`, { name, password })).status, 200);
  return browser;
}

/** Goes to the provider to link an account there, and comes back as far as to the callback. */
async function beginLink(api: TestApi, browser: TestBrowser): Promise<string> {
  const body = { provider: 'gitlab', returnTo: '/ui/profile?tab=logins' };
  const reply = await browser.change('POST', `${api.url}/v1/me/identities`, body);
  assert.equal(reply.status, 200, await reply.clone().text());
  return browser.follow(Begun.parse(await reply.json()).url, `${api.url}/login/callback`);
}

async function identitiesOf(api: TestApi, browser: TestBrowser): Promise<readonly LinkedIdentity[]> {
  return Identities.parse(await (await browser.request(`${api.url}/v1/me/identities`)).json()).items;
}

describe('an account at a provider', { timeout: 60_000 }, () => {
  it('is linked to a local one by who has proved both, logs in to it from then on, and is unlinked', async (t) => {
    const { api } = await openWithProvider(t);
    const browser = await localPerson(api, 'ben');
    const { id } = await meOf(api, browser);
    assert.equal(await arrive(browser, await beginLink(api, browser)), '/ui/profile?tab=logins');
    const [linked] = await identitiesOf(api, browser);
    assert.deepEqual([linked?.provider.name, linked?.subject], ['gitlab', anna.id]);

    const other = createTestBrowser();
    await arrive(other, await goAndReturn(api, other));
    assert.equal((await meOf(api, other)).id, id, 'the login leads to the linked account');

    const away = await browser.change('DELETE', `${api.url}/v1/me/identities/${linked?.id}`);
    assert.equal(away.status, 204);
    assert.equal((await other.request(`${api.url}/v1/me`)).status, 401, 'the sessions that came by it end');
    assert.equal((await meOf(api, browser)).id, id);
    const stranger = createTestBrowser();
    await arrive(stranger, await goAndReturn(api, stranger));
    const anew = await meOf(api, stranger);
    assert.deepEqual([anew.status, anew.id === id], ['pending', false]);
  });

  it('is never joined by its address, and not taken from somebody else', async (t) => {
    const { api } = await openWithProvider(t);
    const first = createTestBrowser();
    await arrive(first, await goAndReturn(api, first));
    const person = await meOf(api, first);
    const browser = await localPerson(api, 'ben');
    const location = await arrive(browser, await beginLink(api, browser));
    assert.equal(location, '/ui/profile?tab=logins&error=identity-taken');
    assert.deepEqual(await identitiesOf(api, browser), []);
    assert.notEqual(person.id, (await meOf(api, browser)).id);
  });

  it('is linked in the session that asked for it alone', async (t) => {
    const { api } = await openWithProvider(t);
    const browser = await localPerson(api, 'ben');
    const callback = await beginLink(api, browser);
    const { value } = await api.client.call('listPeople', { query: { filter: 'name:ben' } });
    const params = { id: value.items[0]?.id ?? '' };
    await api.client.call('blockPerson', { params, body: {} }); // ends the sessions
    await api.client.call('unblockPerson', { params, body: {} });
    assert.equal(await arrive(browser, callback), '/ui/profile?tab=logins&error=unauthenticated');
    const again = createTestBrowser();
    await again.change('POST', `${api.url}/v1/login`, { name: 'ben', password });
    assert.deepEqual(await identitiesOf(api, again), []);
  });

  it('stays where nobody could log in without it', async (t) => {
    const { api } = await openWithProvider(t);
    const browser = createTestBrowser();
    await arrive(browser, await goAndReturn(api, browser));
    const { id } = await meOf(api, browser);
    await api.client.call('approvePerson', { params: { id }, body: {} });
    const [linked] = await identitiesOf(api, browser);
    const away = await browser.change('DELETE', `${api.url}/v1/me/identities/${linked?.id}`);
    assert.equal(Problem.parse(await away.json()).code, 'last-way-in');
    assert.equal((await identitiesOf(api, browser)).length, 1);
  });
});

describe('the test of a provider', { timeout: 60_000 }, () => {
  it('tells whether it is there, and whether it knows the client', async (t) => {
    const { api, provider, providerId: id } = await openWithProvider(t);
    const test = async () =>
      (await api.client.call('testIdentityProvider', { params: { id }, body: {} })).value;
    const good = await test();
    assert.deepEqual([good.ok, good.failure, good.issuer], [true, null, provider.issuer]);
    assert.equal(good.callbackUrl, `${api.url}/login/callback`);
    await api.client.call('updateIdentityProvider', {
      params: { id },
      body: { clientSecret: 'another', scopes: ['profile', 'unheard-of'] },
    });
    const wrong = await test();
    assert.equal(wrong.ok, false);
    assert.match(wrong.failure ?? '', /invalid_client/);
    assert.match(wrong.warnings.join(), /unheard-of/);
    provider.setFault('discovery', { kind: 'status', status: 503 });
    assert.equal((await test()).ok, false);
  });
});
