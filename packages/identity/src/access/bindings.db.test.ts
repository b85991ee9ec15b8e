import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Permission } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import { identityMigrations, type Principal } from '../index.ts';
import { accessOf } from './access.ts';
import { createBinding, deleteBinding, listBindings } from './bindings.ts';

const migrations = [await identityMigrations()];
const PROJECT = randomUUID();

/** A person with an account at the provider `gitlab`, in the group `infra`. */
async function insertPerson(store: Store, status: string): Promise<Principal> {
  const id = randomUUID();
  const provider = randomUUID();
  await sql`INSERT INTO people (id, name, display_name, status, created_by)
    VALUES (${id}::uuid, 'anna', 'Anna', ${status}, 'test')`.execute(store.db);
  await sql`INSERT INTO identity_providers (id, name, title, kind, issuer, client_id, client_secret_sealed, scopes,
      groups_claim, enabled)
    VALUES (${provider}::uuid, 'gitlab', 'GitLab', 'gitlab', 'https://x', 'x', 'x', '{}', 'groups', true)`.execute(
    store.db,
  );
  await sql`INSERT INTO provider_accounts (id, provider_id, subject, person_id, groups)
    VALUES (gen_random_uuid(), ${provider}::uuid, '12', ${id}::uuid, '{infra}')`.execute(store.db);
  return {
    kind: 'person',
    id,
    name: 'anna',
    personId: id,
    status: 'active',
    tokenId: null,
    tokenScopes: null,
    tokenProjects: null,
    sessionId: randomUUID(),
    expiresAt: null,
  };
}

describe('a role of a group', () => {
  it('is had at once by whoever is in it, approves them, and goes with the group’s', {
    timeout: 60_000,
  }, async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const anna = await insertPerson(store, 'pending');
    const may = async (permission: Permission) =>
      (await accessOf(store, anna)).permitsOn(permission, PROJECT);
    const group = { kind: 'group', name: 'gitlab:infra' } as const;
    const at = { scope_kind: 'project', scope: PROJECT } as const;
    const given = await createBinding(store.db, group, { role: 'operator', ...at });
    assert.equal(await may('instances:operate'), true);
    assert.equal(await may('instances:write'), false);
    const { rows } = await sql<{ status: string }>`SELECT status FROM people`.execute(store.db);
    assert.deepEqual(rows, [{ status: 'active' }]);

    const [own] = (await listBindings(store.db)).filter(({ source }) => source === 'group');
    await assert.rejects(deleteBinding(store.db, own?.id ?? ''), { code: 'conflict' });
    await deleteBinding(store.db, given.id);
    assert.equal(await may('instances:read'), false);
    assert.deepEqual(await listBindings(store.db), []);
  });

  it('of a member replaces the one before, and says nothing of other projects', {
    timeout: 60_000,
  }, async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const anna = await insertPerson(store, 'active');
    const who = { kind: 'person', name: 'Anna' } as const;
    const at = { scope_kind: 'project', scope: PROJECT } as const;
    await createBinding(store.db, who, { role: 'admin', ...at }, true);
    await createBinding(store.db, who, { role: 'viewer', ...at }, true);
    assert.deepEqual(
      (await listBindings(store.db)).map(({ role }) => role),
      ['viewer'],
    );
    const access = await accessOf(store, anna);
    assert.equal(access.permitsOn('instances:read', PROJECT), true);
    assert.equal(access.permitsOn('instances:read', randomUUID()), false);
    assert.equal(access.permitsOn('instances:read', null), false);
    assert.deepEqual(access.reach('instances:write'), {
      projects: [],
      hosts: [],
      labels: [],
      requesterId: anna.id,
    });
    const narrowed = await accessOf(store, { ...anna, tokenScopes: ['images:read'] });
    assert.equal(narrowed.permitsOn('instances:read', PROJECT), false);
    assert.equal(narrowed.permits('images:read'), true);
    assert.equal(
      (await accessOf(store, { ...anna, status: 'pending' })).permitsSomewhere('images:read'),
      false,
    );
  });
});
