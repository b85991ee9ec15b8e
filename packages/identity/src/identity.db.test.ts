import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { createSealer, sql } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import { createIdentity, identityMigrations } from './index.ts';

const sealer = createSealer({ keys: [{ id: 'test', key: randomBytes(32) }], active: 'test' });
const migrations = [await identityMigrations()];
const withCode = (code: string) => (error: unknown) => error instanceof LongshoreError && error.code === code;
const everything = { scopes: ['*'], expiresAt: null };

describe('tokens', () => {
  it('authenticate their bearer until they are revoked, and are kept as a hash alone', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const identity = createIdentity(store, { sealer });
    const token = await identity.createToken({ ...everything, name: 'ci' }, 'test');
    assert.match(token.secret, /^lsh_[\w-]{43}$/);
    const bearer = await identity.authenticate(token.secret, '192.0.2.1');
    assert.ok(bearer !== null);
    assert.deepEqual(
      [bearer.kind, bearer.id, bearer.name, bearer.tokenScopes],
      ['robot', token.id, 'ci', ['*']],
    );
    const kept = JSON.stringify((await sql`SELECT to_jsonb(t) FROM tokens t`.execute(store.db)).rows);
    assert.ok(!kept.includes(token.secret) && !kept.includes(token.secret.slice(4)));

    const told = Promise.withResolvers<string | null>();
    const listening = await identity.onAccessChange(told.resolve);
    t.after(() => listening.stop());
    await identity.revokeToken(token.id);
    assert.equal(await identity.authenticate(token.secret, '192.0.2.1'), null);
    assert.equal(await identity.principalNow(bearer), null);
    assert.equal(await told.promise, token.id);
    assert.deepEqual(await identity.listTokens(), []);
    await assert.rejects(identity.revokeToken(token.id), withCode('not-found'));
  });

  it('expire by the time of the database', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const identity = createIdentity(store, { sealer });
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const token = await identity.createToken(
      { name: 'short', scopes: ['hosts:read'], expiresAt: soon },
      'test',
    );
    assert.equal((await identity.authenticate(token.secret, '192.0.2.1'))?.expiresAt, soon);
    await sql`UPDATE tokens SET expires_at = now() - interval '1 second'`.execute(store.db);
    assert.equal(await identity.authenticate(token.secret, '192.0.2.1'), null);
    await assert.rejects(
      identity.createToken({ name: 'late', scopes: ['*'], expiresAt: '2020-01-01T00:00:00Z' }, 'test'),
      withCode('bad-request'),
    );
  });

  it('have names that are used once at a time', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const identity = createIdentity(store, { sealer });
    const first = await identity.createToken({ ...everything, name: 'ci' }, 'test');
    await assert.rejects(identity.createToken({ ...everything, name: 'ci' }, 'test'), withCode('name-taken'));
    await identity.revokeToken(first.id);
    assert.equal((await identity.createToken({ ...everything, name: 'ci' }, 'test')).name, 'ci');
  });

  it('record their use at most once a minute', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const identity = createIdentity(store, { sealer });
    const { secret } = await identity.createToken({ ...everything, name: 'ci' }, 'test');
    await identity.authenticate(secret, '192.0.2.1');
    const [used] = await identity.listTokens();
    assert.notEqual(used?.lastUsedAt ?? null, null);
    await identity.authenticate(secret, '192.0.2.1');
    assert.deepEqual(await identity.listTokens(), [used]);
  });
});

describe('the first start', () => {
  it('is prepared once, by one of many starters, and its code works once', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const identity = createIdentity(store, { sealer });
    const starts = await Promise.all([1, 2, 3].map(() => identity.prepareFirstStart()));
    const [start, ...others] = starts.filter((each) => each !== null);
    assert.ok(start !== undefined && others.length === 0);
    assert.deepEqual((await identity.authenticate(start.token.secret, '192.0.2.1'))?.tokenScopes, ['*']);

    const tries = await Promise.allSettled([1, 2, 3].map(() => identity.redeemSetup(start.setupCode)));
    const won = tries.filter((each) => each.status === 'fulfilled');
    assert.equal(won.length, 1);
    assert.deepEqual((await identity.authenticate(won[0]?.value.secret ?? '', '192.0.2.1'))?.tokenScopes, [
      '*',
    ]);
    for (const each of tries)
      if (each.status === 'rejected') assert.ok(withCode('unauthenticated')(each.reason));
  });
});
