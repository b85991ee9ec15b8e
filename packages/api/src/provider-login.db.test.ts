import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@longshore/contract';
import { sql } from '@longshore/store';
import { createTestBrowser } from '@longshore/testbed';
import type { TestApi } from './testing/open-test-api.ts';
import { anna, arrive, goAndReturn, meOf, openWithProvider as open } from './testing/open-with-provider.ts';

describe('a login at a provider', { timeout: 60_000 }, () => {
  it('makes an account that waits, and finds it again; the secret is never shown', async (t) => {
    const { api, provider, providerId } = await open(t);
    const browser = createTestBrowser();
    assert.equal(await arrive(browser, await goAndReturn(api, browser)), '/ui/instances');
    const me = await meOf(api, browser);
    assert.deepEqual([me.name, me.displayName, me.status], ['anna.b', 'Anna B', 'pending']);
    const { value: people } = await api.client.call('listPeople');
    assert.deepEqual(people.items[0]?.providers, [{ provider: 'gitlab', subject: '7', groups: ['lab/web'] }]);
    await api.client.call('approvePerson', { params: { id: me.id }, body: {} });
    const second = createTestBrowser();
    await arrive(second, await goAndReturn(api, second));
    assert.deepEqual([(await meOf(api, second)).id, (await meOf(api, second)).status], [me.id, 'active']);

    const { rows: log } =
      await sql`SELECT who, action, status FROM audit WHERE action LIKE '%ProviderLogin'`.execute(
        api.store.db,
      );
    assert.deepEqual(log, Array(2).fill({ who: 'anna.b', action: 'finishProviderLogin', status: 200 }));

    const shown = JSON.stringify((await api.client.call('listIdentityProviders')).value);
    const { rows } =
      await sql`SELECT to_jsonb(p) AS p, to_jsonb(a) AS a FROM identity_providers p, provider_accounts a`.execute(
        api.store.db,
      );
    for (const text of [shown, JSON.stringify(rows)]) assert.ok(!text.includes(provider.clientSecret));
    await api.client.call('deleteIdentityProvider', { params: { id: providerId } });
    assert.equal((await second.request(`${api.url}/v1/me`)).status, 401);
  });

  it('never joins an account that only has the same name or address', async (t) => {
    const { api } = await open(t);
    await api.client.call('createPerson', {
      body: { name: 'anna.b', displayName: 'Other', password: 'long enough here' },
    });
    const browser = createTestBrowser();
    await arrive(browser, await goAndReturn(api, browser));
    assert.equal((await meOf(api, browser)).name, 'anna.b-gitlab');
  });

  it('takes nothing from a provider that the database cannot hold', async (t) => {
    const { api, provider } = await open(t);
    provider.setAccount({
      ...anna,
      name: 'A\u0000nna',
      email: `${'x'.repeat(300)}@example.org`,
      username: '../../Ä',
    });
    const browser = createTestBrowser();
    assert.equal(await arrive(browser, await goAndReturn(api, browser)), '/ui/instances');
    const me = await meOf(api, browser);
    assert.deepEqual([me.name, me.displayName], ['usera', '../../Ä']);
    provider.setAccount({ ...anna, groups: ['lab\u0000'] });
    const other = createTestBrowser();
    assert.equal(
      await arrive(other, await goAndReturn(api, other)),
      '/ui/login?error=provider-failed&next=%2Fui%2Finstances',
    );
  });

  it('is refused for a state, issuer, nonce or browser that is another, and when it is repeated', async (t) => {
    const { api, provider } = await open(t);
    const refusedAs = async (change: (url: URL) => void, browser = createTestBrowser()) => {
      const callback = new URL(await goAndReturn(api, browser));
      change(callback);
      const location = await arrive(browser, callback.href);
      assert.equal((await browser.request(`${api.url}/v1/me`)).status, 401);
      return location;
    };
    const other = '/ui/login?error=unauthenticated';
    const failed = '/ui/login?error=provider-failed&next=%2Fui%2Finstances';
    assert.equal(await refusedAs((url) => url.searchParams.set('state', 'another')), other);
    assert.equal(await refusedAs((url) => url.searchParams.delete('state')), other);
    assert.equal(await refusedAs((url) => url.searchParams.set('iss', 'https://evil.example')), failed);
    assert.equal(await refusedAs((url) => url.searchParams.delete('iss')), failed);
    assert.equal(await refusedAs((url) => url.searchParams.set('code', 'another')), failed);
    provider.setFault('authorization', { kind: 'other-nonce' });
    assert.equal(await refusedAs(() => undefined), failed);
    provider.setFault('authorization', null);

    const [mine, theirs] = [createTestBrowser(), createTestBrowser()];
    const callback = await goAndReturn(api, mine);
    assert.equal(await arrive(theirs, callback), other, 'login of another browser');
    assert.equal(await arrive(mine, callback), '/ui/instances');
    assert.equal(await arrive(mine, callback), other, 'repeated');
  });

  it('leads to nowhere but this server', async (t) => {
    const { api } = await open(t);
    for (const returnTo of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'javascript:0',
    ]) {
      const browser = createTestBrowser();
      assert.equal(await arrive(browser, await goAndReturn(api, browser, returnTo)), '/ui/', returnTo);
    }
  });

  it('fails in time when the provider does, and keeps nobody else from logging in', async (t) => {
    const { api, provider, providerId } = await open(t);
    await api.client.call('createPerson', {
      body: { name: 'ben', displayName: 'Ben', password: 'long enough here' },
    });
    const codeOf = async (reply: Response) => Problem.parse(await reply.json()).code;
    const begin = () => createTestBrowser().change('POST', `${api.url}/v1/login/providers/gitlab`, {});
    provider.setFault('discovery', { kind: 'silent' });
    const waiting = begin();
    const local = await createTestBrowser().change('POST', `${api.url}/v1/login`, {
      name: 'ben',
      password: 'long enough here',
    });
    assert.equal(local.status, 200);
    assert.equal((await fetch(`${api.url}/v1/login`)).status, 200);
    assert.equal(await codeOf(await waiting), 'provider-failed');
    const { value } = await api.client.call('listIdentityProviders');
    assert.match(value.items[0]?.lastFailure ?? '', /did not answer within 5 seconds/);
    provider.setFault('discovery', { kind: 'status', status: 503 });
    assert.equal(await codeOf(await begin()), 'provider-failed');
    provider.setFault('discovery', null);
    for (const status of [401, 429, 500] as const) {
      for (const endpoint of ['token', 'userinfo'] as const) {
        const browser = createTestBrowser();
        const callback = await goAndReturn(api, browser);
        provider.setFault(endpoint, { kind: 'status', status });
        assert.equal(
          await arrive(browser, callback),
          '/ui/login?error=provider-failed&next=%2Fui%2Finstances',
          `${endpoint} ${status}`,
        );
        provider.setFault(endpoint, null);
      }
    }
    await api.client.call('updateIdentityProvider', { params: { id: providerId }, body: { enabled: false } });
    assert.equal((await begin()).status, 404);
  });
});

describe('groups of a provider', { timeout: 60_000 }, () => {
  const mapGroup = (api: TestApi) =>
    sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
      VALUES (gen_random_uuid(), 'group', 'gitlab:lab/web', 'auditor', 'fleet', '')`.execute(api.store.db);
  const refreshNow = async (api: TestApi) => {
    await sql`UPDATE provider_accounts SET refresh_at = now() WHERE refresh_at IS NOT NULL`.execute(
      api.store.db,
    );
    return api.identity.providers.refresh();
  };

  it('let in who has one that is mapped to a role, and take it back', async (t) => {
    const { api, provider } = await open(t);
    await mapGroup(api);
    const browser = createTestBrowser();
    await arrive(browser, await goAndReturn(api, browser));
    assert.equal((await meOf(api, browser)).status, 'active');
    assert.equal((await browser.request(`${api.url}/v1/hosts`)).status, 200);

    provider.setFault('token', { kind: 'status', status: 500 });
    assert.equal(await refreshNow(api), 1);
    provider.setFault('token', null);
    assert.equal(
      (await browser.request(`${api.url}/v1/hosts`)).status,
      200,
      'a provider that is down takes nothing',
    );

    provider.setAccount({ ...anna, groups: [] });
    assert.equal(await refreshNow(api), 1);
    assert.equal((await browser.request(`${api.url}/v1/hosts`)).status, 403);
    provider.setAccount(anna);
    assert.equal(await refreshNow(api), 1); // the token was good once and has been replaced
    assert.equal((await browser.request(`${api.url}/v1/hosts`)).status, 200);

    provider.removeAccount(anna.username);
    assert.equal(await refreshNow(api), 1);
    assert.equal(
      (await browser.request(`${api.url}/v1/me`)).status,
      401,
      'the session ends with the account',
    );
  });
});
