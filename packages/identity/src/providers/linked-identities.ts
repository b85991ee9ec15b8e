import { randomUUID } from 'node:crypto';
import { type LinkedIdentity, LongshoreError } from '@longshore/contract';
import type { Query, Sealer, Store } from '@longshore/store';
import { requireAnotherWay } from '../login/ways-in.ts';
import { applyGroupRoles, groupsOf } from '../people/group-roles.ts';
import { keepTold } from './keep-told.ts';
import type { ProvidedPerson, ProviderRow } from './provider-client.ts';

/** The accounts of a person at providers, by the provider's name. */
export async function listIdentities(store: Store, personId: string): Promise<LinkedIdentity[]> {
  const rows = await store.db
    .selectFrom('provider_accounts as a')
    .innerJoin('identity_providers as p', 'p.id', 'a.provider_id')
    .select(['a.id', 'a.subject', 'a.groups', 'p.name', 'p.title', 'p.kind'])
    .where('a.person_id', '=', personId)
    .orderBy('p.name')
    .orderBy('a.id')
    .execute();
  return rows.map(({ id, subject, groups, ...provider }) => ({ id, subject, groups, provider }));
}

/**
 * Links the account that somebody has just logged in to at a provider to a person here. It counts that both were proved
 * in one browser; a name or an address that is the same proves nothing.
 *
 * @returns the identifier of the linked account
 * @throws LongshoreError `identity-taken` for one that another person has, `conflict` for a second one at a provider
 */
export async function linkAccount(
  trx: Query,
  sealer: Sealer,
  provider: ProviderRow,
  told: ProvidedPerson,
  personId: string,
): Promise<string> {
  const present = await trx
    .selectFrom('provider_accounts')
    .select(['id', 'person_id', 'subject'])
    .where('provider_id', '=', provider.id)
    .where((is) => is.or([is('subject', '=', told.subject), is('person_id', '=', personId)]))
    .execute();
  const same = present.find(({ subject }) => subject === told.subject);
  if (same !== undefined && same.person_id !== personId) {
    throw new LongshoreError(
      'identity-taken',
      `That account of ${provider.title} belongs to somebody else here.`,
      {
        hint: 'Log in with it to see whose it is; there it can be unlinked, or an administrator deletes that account.',
      },
    );
  }
  if (same === undefined && present.length > 0) {
    throw new LongshoreError('conflict', `You have another account of ${provider.title} linked already.`, {
      hint: 'Unlink that one first.',
    });
  }
  const id = same?.id ?? randomUUID();
  if (same === undefined) {
    await trx
      .insertInto('provider_accounts')
      .values({
        id,
        provider_id: provider.id,
        subject: told.subject,
        person_id: personId,
        groups: [],
        refresh_token_sealed: null,
        refresh_at: null,
      })
      .execute();
  }
  await keepTold(trx, sealer, { id, personId }, told);
  return id;
}

/**
 * Unlinks an account at a provider: the other sessions that came by it end, and the roles that its groups gave.
 * @throws LongshoreError `not-found`, `last-way-in`
 */
export async function unlinkIdentity(
  store: Store,
  personId: string,
  id: string,
  keptSessionId: string,
): Promise<void> {
  await store.transaction(async (trx) => {
    const account = await trx
      .selectFrom('provider_accounts')
      .select('provider_id')
      .where('id', '=', id)
      .where('person_id', '=', personId)
      .executeTakeFirst();
    if (account === undefined) {
      throw new LongshoreError('not-found', `You have no linked account ${id}.`, {
        hint: 'List your accounts at identity providers.',
      });
    }
    await requireAnotherWay(trx, personId, { kind: 'identity', id });
    await trx.deleteFrom('provider_accounts').where('id', '=', id).execute();
    await trx
      .deleteFrom('sessions')
      .where('person_id', '=', personId)
      .where('provider_id', '=', account.provider_id)
      .where('id', '<>', keptSessionId)
      .execute();
    await applyGroupRoles(trx, personId, await groupsOf(trx, personId));
  });
}
