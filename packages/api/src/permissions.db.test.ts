import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PERMISSIONS, type Permission, type Route, routes, scopesPermit } from '@longshore/contract';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';

const ID = '7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10';
const all: readonly Route[] = Object.values(routes);

/** Asks a route for something that is not there, and tells the status alone. */
async function statusOf(api: TestApi, route: Route, token: string): Promise<number> {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    name === 'fingerprint' ? 'f'.repeat(64) : ID,
  );
  const type = route.stream === 'request' ? 'application/octet-stream' : 'application/json';
  const withBody = route.method === 'POST' || route.method === 'PATCH';
  const response = await api.ask(route.method, path, {
    token,
    ...(withBody ? { headers: { 'content-type': type }, body: '{"unknown":1}' } : {}),
  });
  await response.body?.cancel();
  return response.status;
}

describe('every route', () => {
  it('wants a token with the permission that it names', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const right = new Map<Permission, string>();
    const wrong = new Map<Permission, string>();
    for (const permission of PERMISSIONS) {
      right.set(permission, await api.token(permission));
      wrong.set(
        permission,
        await api.token(...PERMISSIONS.filter((each) => !scopesPermit([each], permission))),
      );
    }
    for (const route of all) {
      if (route.permission === null) {
        const status = await statusOf(api, route, '');
        assert.ok(status < 500 && status !== 401, `${route.id} is open: ${status}`);
        continue;
      }
      if (route.permission === 'self') {
        assert.equal(await statusOf(api, route, ''), 401, `${route.id} without a token`);
        continue;
      }
      assert.equal(await statusOf(api, route, ''), 401, `${route.id} without a token`);
      assert.equal(
        await statusOf(api, route, wrong.get(route.permission) ?? ''),
        403,
        `${route.id} with other scopes`,
      );
      const status = await statusOf(api, route, right.get(route.permission) ?? '');
      assert.ok(status < 500 && status !== 401 && status !== 403, `${route.id} with its scope: ${status}`);
    }
  });

  it('of bulk deletion wants the permission to delete as well', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const ask = async (token: string) =>
      (
        await api.ask('POST', '/v1/bulk', {
          token,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ action: { do: 'delete' }, filter: 'name:none' }),
        })
      ).status;
    assert.equal(await ask(await api.token('instances:write')), 403);
    assert.notEqual(await ask(await api.token('instances:write', 'instances:delete')), 403);
  });

  it('that is added without a need stays shut', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t, {
      extend: (app) => app.get('/v1/forgotten', async () => 'open'),
    });
    assert.equal((await api.ask('GET', '/v1/forgotten', { token: '' })).status, 401);
    assert.equal((await api.ask('GET', '/v1/forgotten')).status, 403);
    assert.equal((await api.ask('GET', '/metrics', { token: await api.token('hosts:read') })).status, 403);
  });
});

describe('a token', () => {
  it('gives no more than it has, and nothing that outlives it', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const give = async (token: string, scopes: readonly string[], expiresAt: string | null = null) => {
      const reply = await api.ask('POST', '/v1/tokens', {
        token,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: `given ${Math.random()}`, scopes, expiresAt }),
      });
      return reply.status;
    };
    const maker = await api.token('tokens:write', 'hosts:*');
    assert.equal(await give(maker, ['hosts:read']), 201);
    assert.equal(await give(maker, ['hosts:*']), 201);
    assert.equal(await give(maker, ['instances:read']), 403);
    assert.equal(await give(maker, ['*']), 403);
    assert.equal(await give(await api.token('tokens:write', 'hosts:read'), ['hosts:*']), 403);
    const short = await api.identity.createToken({ name: 'short', scopes: ['*'], expiresAt: soon }, 'test');
    assert.equal(await give(short.secret, ['*'], soon), 201);
    assert.equal(await give(short.secret, ['*'], later), 403);
    assert.equal(await give(short.secret, ['*']), 403);
  });

  it('stops working the moment it is revoked, also for streams that are open', {
    timeout: 60_000,
  }, async (t) => {
    const api = await openTestApi(t);
    const { value: token } = await api.client.call('createToken', {
      body: { name: 'short-lived', scopes: ['*'] },
    });
    const stream = await api.ask('GET', '/v1/events', { token: token.secret });
    assert.equal(stream.status, 200);
    await api.client.call('revokeToken', { params: { id: token.id } });
    assert.equal((await api.ask('GET', '/v1/server', { token: token.secret })).status, 401);
    assert.match(await stream.text(), /^retry:/); // it ends
  });

  it('is refused for a while to who tries too many wrong ones; a right one passes', {
    timeout: 60_000,
  }, async (t) => {
    const api = await openTestApi(t);
    const statuses = new Set<number>();
    for (let n = 0; n < 32; n += 1) {
      // Nobody is trusted as a proxy, so a forged address does not help.
      const headers = { 'x-forwarded-for': `192.0.2.${n}` };
      statuses.add((await api.ask('GET', '/v1/server', { token: 'lsh_guess', headers })).status);
    }
    assert.deepEqual([...statuses], [401, 429]);
    const refused = await api.ask('GET', '/v1/server', { token: 'lsh_guess' });
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await api.ask('GET', '/v1/server')).status, 200);
  });
});

describe('the set-up link', () => {
  it('gives one administrator’s token', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const code = await api.identity.createSetupLink();
    const { value } = await api.client.call('redeemSetup', { body: { code } });
    assert.equal((await api.ask('GET', '/v1/server', { token: value.secret })).status, 200);
    await assert.rejects(api.client.call('redeemSetup', { body: { code } }), { code: 'unauthenticated' });
  });
});
