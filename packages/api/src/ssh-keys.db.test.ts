import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { Me, type SshKeyList } from '@longshore/contract';
import { type FleetAdminKeys, keysForPlace, type LoginPlace } from '@longshore/identity';
import { sql } from '@longshore/store';
import { waitUntil } from '@longshore/store/testing';
import {
  createTestBrowser,
  type GitlabKey,
  type IdentityProviderProcess,
  type ProvidedAccount,
  startIdentityProvider,
  type TestBrowser,
} from '@longshore/testbed';
import { z } from 'zod';
import { insertHost, openTestApi, type TestApi } from './testing/open-test-api.ts';

const timeout = 90_000;
const field = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
/** A new public key as a line. */
function newKey(comment = ''): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x, 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')} ${comment}`.trim();
}
const gitlabKey = (title: string, more: Partial<GitlabKey> = {}): GitlabKey => ({
  id: 1,
  title,
  key: newKey(),
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: null,
  usage_type: 'auth_and_signing',
  ...more,
});
const anna = (keys: readonly GitlabKey[]): ProvidedAccount => ({
  id: '7',
  username: 'anna',
  name: 'Anna',
  email: 'anna@example.org',
  groups: [],
  keys,
});
const Begun = z.object({ url: z.string() });

async function openWithProvider(
  t: TestContext,
  keys: readonly GitlabKey[],
  scopes: string[],
): Promise<Readonly<{ api: TestApi; provider: IdentityProviderProcess }>> {
  const api = await openTestApi(t);
  const provider = await startIdentityProvider([`${api.url}/login/callback`], [anna(keys)]);
  t.after(() => provider.close());
  const { issuer, clientId, clientSecret } = provider;
  const body = {
    name: 'gitlab',
    title: 'GitLab',
    kind: 'gitlab',
    issuer,
    clientId,
    clientSecret,
    scopes,
  } as const;
  await api.client.call('createIdentityProvider', { body });
  return { api, provider };
}

async function login(api: TestApi): Promise<Readonly<{ id: string; browser: TestBrowser }>> {
  const browser = createTestBrowser();
  const begun = await browser.change('POST', `${api.url}/v1/login/providers/gitlab`, { returnTo: '/' });
  assert.equal(begun.status, 200, await begun.clone().text());
  const callback = await browser.follow(Begun.parse(await begun.json()).url, `${api.url}/login/callback`);
  await browser.request(callback);
  const { id } = Me.parse(await (await browser.request(`${api.url}/v1/me`)).json());
  return { id, browser };
}

const keysOf = async (api: TestApi, id: string): Promise<SshKeyList> =>
  (await api.client.call('listSshKeysOfPerson', { params: { id } })).value;

/** Waits until the keys of a person stand like this. */
async function until(api: TestApi, id: string, holds: (now: SshKeyList) => boolean): Promise<SshKeyList> {
  return waitUntil('the keys stand like that', async () => {
    const now = await keysOf(api, id);
    return holds(now) && now;
  });
}

const isIn = (state: SshKeyList['sources'][number]['state']) => (now: SshKeyList) =>
  now.sources[0]?.state === state;

/** It is the person's turn to be asked for again, now. */
async function refresh({ store, identity }: TestApi): Promise<void> {
  await sql`UPDATE provider_accounts SET refresh_at = now()`.execute(store.db);
  await identity.providers.refresh();
}

describe('SSH keys of a person', { timeout }, () => {
  it('are added, listed and removed by who has them, and by nobody through a token that may less', async (t) => {
    const api = await openTestApi(t);
    const { value: person } = await api.client.call('createPerson', {
      body: { name: 'anna', displayName: 'Anna', password: 'correct horse battery' },
    });
    const token = async (...scopes: string[]) =>
      (await api.identity.createToken({ name: randomUUID(), scopes, expiresAt: null }, 'anna', person.id))
        .secret;
    const whole = await token('*');
    const ask = async (method: string, path: string, body?: unknown, as = whole) => {
      const json =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const reply = await api.ask(method, `/v1/me/ssh-keys${path}`, { token: as, ...json });
      const text = await reply.text();
      return {
        status: reply.status,
        value: z
          .looseObject({ code: z.string().optional(), id: z.string().optional() })
          .parse(text === '' ? {} : JSON.parse(text)),
      };
    };
    const key = newKey('laptop');
    const made = await ask('POST', '', { key });
    assert.deepEqual([made.status, made.value.comment, made.value.source], [201, 'laptop', 'manual']);
    assert.deepEqual(
      [(await ask('POST', '', { key: `${key}x` })).value.code],
      ['key-known'],
      'whatever the comment',
    );
    assert.equal((await ask('POST', '', { key: 'hello' })).value.code, 'key-refused');
    assert.equal((await ask('POST', '', { key: 'x'.repeat(70_000) })).value.code, 'bad-request');
    assert.equal((await ask('POST', '', { key: 'x'.repeat(10_000_000) })).value.code, 'too-large');
    assert.equal(
      (await ask('POST', '', { key: newKey(), expiresAt: '2020-01-01T00:00:00Z' })).value.code,
      'bad-request',
    );
    assert.equal((await ask('POST', '', { key: newKey() }, await token('instances:*'))).status, 403);
    assert.equal(
      (await ask('DELETE', `/${made.value.id}`, undefined, await token('instances:*'))).status,
      403,
    );
    assert.equal((await ask('DELETE', `/${randomUUID()}`)).status, 404);
    const twice = await Promise.all([
      ask('POST', '', { key: newKey() }),
      ...Array.from({ length: 5 }, () => ask('POST', '', { key })),
    ]);
    assert.equal(twice.filter(({ status }) => status === 201).length, 1);
    assert.equal((await keysOf(api, person.id)).items.length, 2);
    assert.equal((await ask('DELETE', `/${made.value.id}`)).status, 204);
    const { rows } =
      await sql`SELECT action, target_id FROM audit WHERE action LIKE '%SshKey' AND status < 300`.execute(
        api.store.db,
      );
    assert.equal(rows.length, 3);
  });

  it('come from GitLab, all pages of them, at once with the login, and follow what is there', async (t) => {
    const many = Array.from({ length: 101 }, (_, n) => gitlabKey(`key ${n}`));
    const { api, provider } = await openWithProvider(
      t,
      [
        ...many,
        gitlabKey('for signing', { usage_type: 'signing' }),
        gitlabKey('over', { expires_at: '2020-01-01T00:00:00.000Z' }),
        gitlabKey('for a while', { expires_at: '2099-01-01T00:00:00.000Z' }),
        gitlabKey('weak', { key: 'ssh-dss AAAAB3NzaC1kc3MAAACB' }),
      ],
      ['profile', 'email', 'read_user'],
    );
    const { id, browser } = await login(api);
    await api.client.call('approvePerson', { params: { id }, body: {} });
    const first = await until(api, id, isIn('fresh'));
    assert.equal(first.items.length, 102);
    assert.ok(!first.items.some(({ comment }) => comment === 'for signing' || comment === 'over'));
    assert.equal(
      first.items.find(({ comment }) => comment === 'for a while')?.expiresAt,
      '2099-01-01T00:00:00.000Z',
    );
    assert.match(first.sources[0]?.failure ?? '', /1 of its keys/);
    const [one] = first.items;
    const removed = await browser.change('DELETE', `${api.url}/v1/me/ssh-keys/${one?.id}`);
    assert.equal(removed.status, 409, 'a key of the provider is removed there');
    // The same key by hand as well: it stays when GitLab's goes.
    const known = await browser.change('POST', `${api.url}/v1/me/ssh-keys`, { key: many[0]?.key });
    assert.equal(known.status, 409);
    provider.setAccount(anna(many.slice(0, 1)));
    await refresh(api);
    const second = await until(api, id, ({ items }) => items.length === 1);
    assert.equal(second.items[0]?.comment, 'key 0');
  });

  it('stay as they are while GitLab fails, which is said, and tried again with patience', async (t) => {
    const { api, provider } = await openWithProvider(t, [gitlabKey('one')], ['profile', 'read_user']);
    const { id } = await login(api);
    const before = await until(api, id, isIn('fresh'));
    for (const status of [500, 503, 429, 401] as const) {
      provider.setFault('api', { kind: 'status', status });
      await refresh(api);
      const now = await until(
        api,
        id,
        ({ sources }) => sources[0]?.failure?.includes(String(status)) === true,
      );
      assert.deepEqual([now.sources[0]?.state, now.items], ['failing', before.items]);
      assert.equal(now.sources[0]?.fetchedAt, before.sources[0]?.fetchedAt);
      const inMs = Date.parse(now.sources[0]?.retryAt ?? '') - Date.now();
      assert.ok(inMs > 0 && inMs < 11 * 60_000, `asked again in ${inMs} ms, before the usual time`);
    }
    provider.setFault('api', { kind: 'status', status: 403 });
    await refresh(api);
    assert.deepEqual((await until(api, id, isIn('refused'))).items, before.items);
    provider.setFault('api', null);
    await refresh(api);
    assert.deepEqual((await until(api, id, isIn('fresh'))).items, before.items);
    // The account was closed: what it stood for goes.
    provider.removeAccount('anna');
    await refresh(api);
    await until(api, id, ({ items }) => items.length === 0);
  });

  it('are not asked for without the scope, and that is said', async (t) => {
    const { api, provider } = await openWithProvider(t, [gitlabKey('one')], ['profile']);
    const { id } = await login(api);
    assert.match((await until(api, id, isIn('refused'))).sources[0]?.failure ?? '', /read_user/);
    assert.equal(provider.asked('api'), 0);
  });
});

describe('who may log in to an instance', { timeout }, () => {
  it('is an active person with a role there that operates, and each change of it is handed on', async (t) => {
    const { store, identity } = await openTestApi(t);
    const [project, host] = [randomUUID(), await insertHost(store, 'a')];
    const person = async (name: string, role: string, kind: string, scope: string) => {
      const id = randomUUID();
      await sql`INSERT INTO people (id, name, display_name, status, created_by)
        VALUES (${id}::uuid, ${name}, ${name}, 'active', 'test')`.execute(store.db);
      await sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
        VALUES (gen_random_uuid(), 'person', ${id}, ${role}, ${kind}, ${scope})`.execute(store.db);
      await identity.sshKeys.add(id, { key: newKey(), expiresAt: null });
      return id;
    };
    const operator = await person('op', 'operator', 'project', project);
    await person('boss', 'admin', 'project', project);
    await person('onlooker', 'viewer', 'project', project);
    await person('stranger', 'admin', 'project', randomUUID());
    await person('of-host', 'operator', 'host', host);
    await person('of-label', 'operator', 'label', 'team=web');
    await person('chief', 'admin', 'fleet', '');
    await person('reader', 'auditor', 'fleet', '');
    const place = { projectId: project, hostId: host, labels: { team: 'web', env: 'x' } };
    const names = async (at: LoginPlace, admins: FleetAdminKeys = 'none') =>
      (await keysForPlace(store.db, at, admins)).map((key) => key.person);
    const elsewhere = { projectId: null, hostId: randomUUID(), labels: {} };
    assert.deepEqual(await names(place), ['boss', 'of-host', 'of-label', 'op']);
    assert.deepEqual(await names(place, 'projectless'), ['boss', 'of-host', 'of-label', 'op']);
    assert.deepEqual(await names(place, 'all'), ['boss', 'chief', 'of-host', 'of-label', 'op']);
    assert.deepEqual([await names(elsewhere), await names(elsewhere, 'projectless')], [[], ['chief']]);

    const handed: string[] = [];
    let failing = true;
    const takes = Array.from({ length: 2 }, () =>
      identity.sshKeys.followChanges(async (_trx, places) => {
        if (failing) throw new Error('not yet');
        handed.push(...places.map(({ kind, scope }) => `${kind} ${scope}`));
      }),
    );
    for (const take of takes) t.after(async () => (await take).stop());
    await Promise.all(takes);
    failing = false;
    await identity.people.block(operator, { name: 'chief', personId: null });
    await waitUntil(
      'it was handed on',
      async () => handed.includes(`project ${project}`) && handed.includes(`host ${host}`),
    );
    assert.ok(!handed.some((each) => each.startsWith('fleet')), 'where their keys go nowhere');
    assert.deepEqual(await names(place), ['boss', 'of-host', 'of-label']);
    await waitUntil(
      'it was handed on',
      async () => (await sql`SELECT FROM login_key_changes`.execute(store.db)).rows.length === 0,
    );

    handed.length = 0;
    await identity.people.unblock(operator, 'chief');
    await waitUntil('it was handed on', async () => handed.length > 0);
    await identity.people.delete(operator, { name: 'chief', personId: null });
    await sql`DELETE FROM bindings WHERE scope = 'team=web'`.execute(store.db);
    await waitUntil('it was handed on', async () => handed.includes('label team=web'));
    assert.deepEqual(await names(place), ['boss', 'of-host']);
  });
});
