import { randomUUID } from 'node:crypto';
import {
  type IdentityProvider,
  type IdentityProviderCreation,
  type IdentityProviderPatch,
  LongshoreError,
} from '@longshore/contract';
import type { Sealer, Store } from '@longshore/store';
import { applyGroupRoles, groupsOf } from '../people/group-roles.ts';
import { clientSecretContext, type ProviderRow } from './provider-client.ts';

function providerOf(row: ProviderRow): IdentityProvider {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    title: row.title,
    issuer: row.issuer,
    clientId: row.client_id,
    scopes: row.scopes,
    groupsClaim: row.groups_claim,
    enabled: row.enabled,
    createdAt: row.created_at.toISOString(),
    lastFailure: row.last_failure,
    lastFailureAt: row.last_failure_at?.toISOString() ?? null,
  };
}

/** All providers, by name. */
export async function listProviders(store: Store): Promise<readonly IdentityProvider[]> {
  const rows = await store.db.selectFrom('identity_providers').selectAll().orderBy('name').execute();
  return rows.map(providerOf);
}

/** What the login page shows: the providers that are enabled. Asks none of them. */
export async function loginProviders(
  store: Store,
): Promise<readonly Readonly<{ name: string; title: string; kind: string }>[]> {
  return store.db
    .selectFrom('identity_providers')
    .select(['name', 'title', 'kind'])
    .where('enabled', '=', true)
    .orderBy('title')
    .orderBy('name')
    .execute();
}

/**
 * Adds a provider. It is not asked before somebody logs in, so that one can be prepared that is not there yet.
 * @throws LongshoreError `name-taken`
 */
export async function createProvider(
  store: Store,
  sealer: Sealer,
  creation: IdentityProviderCreation,
): Promise<IdentityProvider> {
  const id = randomUUID();
  const row = await store.db
    .insertInto('identity_providers')
    .values({
      id,
      name: creation.name,
      title: creation.title,
      kind: creation.kind,
      issuer: creation.issuer,
      client_id: creation.clientId,
      client_secret_sealed: sealer.seal(creation.clientSecret, clientSecretContext(id)),
      scopes: creation.scopes,
      groups_claim: creation.groupsClaim,
      enabled: creation.enabled,
      last_failure: null,
      last_failure_at: null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) return providerOf(row);
  throw new LongshoreError('name-taken', `There is an identity provider "${creation.name}" already.`, {
    hint: 'Take another name, or change that one.',
  });
}

/** One provider as it is kept. @throws LongshoreError `not-found` */
export async function readProvider(store: Store, id: string): Promise<ProviderRow> {
  const row = await store.db
    .selectFrom('identity_providers')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw noProvider(id);
  return row;
}

/** @throws LongshoreError `not-found` */
export async function updateProvider(
  store: Store,
  sealer: Sealer,
  id: string,
  patch: IdentityProviderPatch,
): Promise<IdentityProvider> {
  const present = await readProvider(store, id);
  const row = await store.db
    .updateTable('identity_providers')
    .set({
      title: patch.title ?? present.title,
      client_id: patch.clientId ?? present.client_id,
      ...(patch.clientSecret === undefined
        ? {}
        : { client_secret_sealed: sealer.seal(patch.clientSecret, clientSecretContext(id)) }),
      scopes: patch.scopes ?? present.scopes,
      groups_claim: patch.groupsClaim ?? present.groups_claim,
      enabled: patch.enabled ?? present.enabled,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw noProvider(id);
  return providerOf(row);
}

/**
 * Removes a provider: the sessions that came by it end, and the roles that its groups gave. The people stay.
 * @throws LongshoreError `not-found`
 */
export async function deleteProvider(store: Store, id: string): Promise<void> {
  await store.transaction(async (trx) => {
    const people = await trx
      .selectFrom('provider_accounts')
      .select('person_id')
      .distinct()
      .where('provider_id', '=', id)
      .execute();
    const { numDeletedRows } = await trx
      .deleteFrom('identity_providers')
      .where('id', '=', id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw noProvider(id);
    await trx.deleteFrom('sessions').where('provider_id', '=', id).execute();
    for (const { person_id: person } of people)
      await applyGroupRoles(trx, person, await groupsOf(trx, person));
  });
}

function noProvider(id: string): LongshoreError {
  return new LongshoreError('not-found', `There is no identity provider ${id}.`, {
    hint: 'List the identity providers to see which there are.',
  });
}
