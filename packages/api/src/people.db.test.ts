import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createClient, Me, Problem } from '@longshore/contract';
import { createTestBrowser, type TestBrowser } from '@longshore/testbed';
import { z } from 'zod';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';

const password = 'correct horse battery';

/** An API with its first administrator, `ada`, logged in. */
async function open(t: TestContext): Promise<Readonly<{ api: TestApi; ada: TestBrowser }>> {
  const api = await openTestApi(t);
  const ada = createTestBrowser();
  const setup = { code: await api.identity.createSetupLink(), name: 'ada', displayName: 'Ada', password };
  const reply = await ada.change('POST', `${api.url}/v1/setup/account`, setup);
  assert.equal(reply.status, 201, await reply.clone().text());
  return { api, ada };
}

async function loginAs(api: TestApi, name: string): Promise<TestBrowser> {
  const browser = createTestBrowser();
  const reply = await browser.change('POST', `${api.url}/v1/login`, { name, password });
  assert.equal(reply.status, 200, await reply.clone().text());
  return browser;
}

async function codeOf(reply: Promise<Response>): Promise<string> {
  return Problem.parse(await (await reply).json()).code;
}

const jsonBody = (value: unknown) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const meOf = async (api: TestApi, browser: TestBrowser) =>
  Me.parse(await (await browser.request(`${api.url}/v1/me`)).json());

describe('the first administrator', { timeout: 60_000 }, () => {
  it('is made by the set-up link, once, and may do everything', async (t) => {
    const { api, ada } = await open(t);
    const me = await meOf(api, ada);
    assert.deepEqual(
      [me.kind, me.name, me.status, me.permissions.includes('people:write')],
      ['person', 'ada', 'active', true],
    );
    assert.equal((await ada.request(`${api.url}/v1/people`)).status, 200);
    const code = await api.identity.createSetupLink();
    const again = { code, name: 'ada', displayName: 'Ada', password };
    const other = createTestBrowser();
    assert.equal(await codeOf(other.change('POST', `${api.url}/v1/setup/account`, again)), 'name-taken');
    const bob = { ...again, name: 'bob' };
    assert.equal((await other.change('POST', `${api.url}/v1/setup/account`, bob)).status, 201);
    assert.equal(
      await codeOf(other.change('POST', `${api.url}/v1/setup/account`, { ...bob, name: 'eve' })),
      'unauthenticated',
    );
  });
});

describe('a session of a browser', { timeout: 60_000 }, () => {
  it('changes nothing for a foreign page, and cannot be planted', async (t) => {
    const { api, ada } = await open(t);
    const host = new URL(api.url).host;
    const ask = (headers: Record<string, string>) =>
      codeOf(
        ada.request(`${api.url}/v1/people`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{}',
        }),
      );
    assert.equal(await ask({}), 'cross-site-request');
    assert.equal(
      await ask({ 'x-longshore-csrf': '1', origin: 'https://evil.example' }),
      'cross-site-request',
    );
    assert.equal(await ask({ 'x-longshore-csrf': '1', 'sec-fetch-site': 'same-site' }), 'cross-site-request');
    assert.equal(await ask({ 'x-longshore-csrf': '1', origin: api.url }), 'bad-request');
    // Nobody is logged in to a stranger's account either.
    const login = await createTestBrowser().request(`${api.url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ada', password }),
    });
    assert.equal(login.status, 403);

    const victim = createTestBrowser();
    const planted = ada.cookie(host, 'longshore-session') ?? '';
    victim.setCookie(host, 'longshore-session', planted);
    const reply = await victim.change('POST', `${api.url}/v1/login`, { name: 'ada', password });
    assert.match(reply.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/);
    assert.notEqual(victim.cookie(host, 'longshore-session'), planted);
    assert.equal((await ada.request(`${api.url}/v1/me`)).status, 401);
  });

  it('has a cookie that is bound to the host over TLS', async (t) => {
    const api = await openTestApi(t, { settings: { publicUrl: 'https://longshore.example.org' } });
    await api.client.call('createPerson', { body: { name: 'ben', displayName: 'Ben', password } });
    const reply = await fetch(`${api.url}/v1/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-longshore-csrf': '1',
        origin: 'https://longshore.example.org',
      },
      body: JSON.stringify({ name: 'ben', password }),
    });
    assert.match(
      reply.headers.get('set-cookie') ?? '',
      /^__Host-longshore-session=[\w-]{43}; Path=\/; HttpOnly; .*; Secure$/,
    );
  });

  it('ends at once, with its event stream, when it is revoked elsewhere or the person is blocked', async (t) => {
    const { api, ada } = await open(t);
    const { value: ben } = await api.client.call('createPerson', {
      body: { name: 'ben', displayName: 'Ben', password },
    });
    const [here, there] = [await loginAs(api, 'ada'), await loginAs(api, 'ben')];
    const stream = await here.request(`${api.url}/v1/events`);
    assert.equal(stream.status, 200);
    const { sessionId } = await meOf(api, here);
    assert.equal((await ada.change('DELETE', `${api.url}/v1/sessions/${sessionId}`)).status, 204);
    assert.match(await stream.text(), /^retry:/); // it ends
    assert.equal((await here.request(`${api.url}/v1/me`)).status, 401);
    await api.client.call('blockPerson', { params: { id: ben.id }, body: {} });
    assert.equal((await there.request(`${api.url}/v1/me`)).status, 401);
    const own = (await meOf(api, ada)).id;
    assert.equal(await codeOf(ada.change('POST', `${api.url}/v1/people/${own}/block`, {})), 'conflict');
    assert.equal((await ada.change('POST', `${api.url}/v1/logout`, {})).status, 204);
    assert.equal((await ada.request(`${api.url}/v1/me`)).status, 401);
  });
});

describe('a person', { timeout: 60_000 }, () => {
  it('who waits for approval sees only that', async (t) => {
    const { api, ada } = await open(t);
    const { value: ben } = await api.client.call('createPerson', {
      body: { name: 'ben', displayName: 'Ben', password },
    });
    await api.store.db.updateTable('people').set({ status: 'pending' }).where('id', '=', ben.id).execute();
    const browser = await loginAs(api, 'ben');
    const me = await meOf(api, browser);
    assert.deepEqual([me.status, me.permissions, me.person], ['pending', [], null]);
    for (const path of [
      '/v1/people',
      '/v1/instances',
      '/v1/sessions',
      '/v1/me/tokens',
      '/v1/events',
      '/metrics',
    ]) {
      assert.equal(await codeOf(browser.request(`${api.url}${path}`)), 'approval-pending', path);
    }
    assert.equal((await ada.change('POST', `${api.url}/v1/people/${ben.id}/approve`, {})).status, 200);
    assert.equal((await meOf(api, browser)).status, 'active');
    assert.equal((await browser.request(`${api.url}/v1/people`)).status, 403);
    assert.equal(await codeOf(ada.change('POST', `${api.url}/v1/people/${ben.id}/approve`, {})), 'conflict');
  });

  it('changes the own password with the old one alone', async (t) => {
    const { api, ada } = await open(t);
    const change = (oldPassword: string, newPassword: string) =>
      ada.change('POST', `${api.url}/v1/me/password`, { oldPassword, newPassword });
    assert.equal(await codeOf(change('something else', 'another long one')), 'permission-denied');
    assert.equal(await codeOf(change(password, 'short')), 'bad-request');
    assert.equal((await change(password, 'another long one')).status, 204);
    assert.equal(
      await codeOf(createTestBrowser().change('POST', `${api.url}/v1/login`, { name: 'ada', password })),
      'unauthenticated',
    );
  });

  it('has tokens that narrow what the person may do, and change no account', async (t) => {
    const { api, ada } = await open(t);
    const Secret = z.object({ id: z.string(), secret: z.string() });
    const make = async (scopes: readonly string[]) => {
      const body = { name: `token ${scopes.join()}`, scopes };
      return Secret.parse(await (await ada.change('POST', `${api.url}/v1/me/tokens`, body)).json());
    };
    const narrow = await make(['hosts:read']);
    const wide = await make(['*']);
    const ask = (method: string, path: string, token: string, body?: unknown) =>
      api.ask(method, path, {
        token,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    assert.equal((await ask('GET', '/v1/hosts', narrow.secret)).status, 200);
    assert.equal((await ask('GET', '/v1/people', narrow.secret)).status, 403);
    assert.equal((await ask('GET', '/v1/people', wide.secret)).status, 200);
    const wider = { name: 'wider', scopes: ['*'], expiresAt: null };
    assert.equal((await ask('POST', '/v1/me/tokens', narrow.secret, wider)).status, 403);
    assert.equal((await ask('PATCH', '/v1/me', wide.secret, { displayName: 'Eve' })).status, 403);
    // The robots' list does not show them; what a person loses, their tokens lose.
    assert.ok(!JSON.stringify((await api.client.call('listTokens')).value).includes(wide.id));
    const { id } = await meOf(api, ada);
    await api.client.call('deletePerson', { params: { id } });
    assert.equal((await ask('GET', '/v1/hosts', wide.secret)).status, 401);
  });

  it('gets a new password from who has all permissions, and from nobody else', async (t) => {
    const { api } = await open(t);
    const { value: ben } = await api.client.call('createPerson', {
      body: { name: 'ben', displayName: 'Ben', password },
    });
    const reset = (token: string) =>
      api.ask('POST', `/v1/people/${ben.id}/reset`, {
        token,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ password: 'a new long password' }),
      });
    assert.equal((await reset(await api.token('people:write'))).status, 403);
    assert.equal((await reset(await api.token('*'))).status, 200);
  });

  it('lets a program in by a code that is approved in a browser, once', async (t) => {
    const { api, ada } = await open(t);
    const anyone = createClient({ url: api.url });
    const { value: begun } = await anyone.call('beginDeviceLogin', { body: { clientName: 'laptop' } });
    const poll = () =>
      anyone
        .call('pollDeviceLogin', { body: { deviceSecret: begun.deviceSecret } })
        .then(({ value }) => value);
    assert.deepEqual(await poll(), { status: 'waiting', token: null });
    const path = `${api.url}/v1/device-logins/${begun.userCode.toLowerCase()}`;
    assert.match(await (await ada.request(path)).text(), /"clientName":"laptop","address":"127\.0\.0\.1"/);
    assert.equal(
      (await api.ask('POST', `/v1/device-logins/${begun.userCode}/approve`, jsonBody({}))).status,
      403,
    );
    assert.equal((await ada.change('POST', `${path}/approve`, {})).status, 204);
    assert.equal((await ada.change('POST', `${path}/approve`, {})).status, 404);
    const polls = await Promise.allSettled([poll(), poll()]);
    const tokens = polls.map((each) => (each.status === 'fulfilled' ? each.value.token : null));
    const [token, ...others] = tokens.filter((each) => each !== null);
    assert.ok(token !== undefined && others.length === 0);
    const { value: me } = await createClient({ url: api.url, token: token.secret }).call('getMe');
    assert.deepEqual([me.kind, me.name, me.sessionId], ['person', 'ada', null]);
    await assert.rejects(poll(), { code: 'unauthenticated' });
  });
});
