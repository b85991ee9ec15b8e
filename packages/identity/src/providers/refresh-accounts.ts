import { LongshoreError } from '@longshore/contract';
import { type Sealer, type Store, sql } from '@longshore/store';
import { applyGroupRoles, groupsOf } from '../people/group-roles.ts';
import '../ssh-keys/ssh-keys-tables.ts';
import { keepTold, refreshTokenContext } from './keep-told.ts';
import { AccessWithdrawn, type ProviderClient } from './provider-client.ts';

/** A refresh that died on the way is taken up again after this; one that ended has set the time itself. */
const CLAIM = '15 minutes';
/** In one go; the next go follows at once while there are more. */
const BATCH = 20;

/**
 * Asks the providers again for the groups and SSH keys of people whose turn it is. A provider that is down changes nothing; one that
 * does not stand for a person any more ends the sessions that came by it, and the roles that its groups gave, and takes its keys away.
 *
 * @returns how many accounts were asked for
 */
export async function refreshAccounts(store: Store, sealer: Sealer, client: ProviderClient): Promise<number> {
  // Claimed by moving the turn on, so that no other process asks with the same token, which may be good once.
  const { rows } = await sql<{
    id: string;
    provider_id: string;
    person_id: string;
    subject: string;
    token: string;
  }>`
    UPDATE provider_accounts SET refresh_at = now() + ${sql.lit(CLAIM)}::interval
    WHERE id IN (
      SELECT a.id FROM provider_accounts a JOIN identity_providers p ON p.id = a.provider_id
      WHERE a.refresh_at <= now() AND a.refresh_token_sealed IS NOT NULL AND p.enabled
      ORDER BY a.refresh_at LIMIT ${BATCH} FOR UPDATE OF a SKIP LOCKED)
    RETURNING id, provider_id, person_id, subject, refresh_token_sealed AS token`.execute(store.db);
  for (const row of rows) {
    const provider = await store.db
      .selectFrom('identity_providers')
      .selectAll()
      .where('id', '=', row.provider_id)
      .executeTakeFirst();
    if (provider === undefined) continue;
    try {
      const token = sealer.open(row.token, refreshTokenContext(row.id));
      const told = await client.refresh(provider, row.subject, token);
      await store.transaction((trx) => keepTold(trx, sealer, { id: row.id, personId: row.person_id }, told));
      client.askForKeys(provider, row.id, told);
    } catch (error) {
      if (error instanceof AccessWithdrawn) await withdraw(store, row);
      // The failure is kept with the provider; the next turn tries again.
      else if (!(error instanceof LongshoreError && error.code === 'provider-failed')) throw error;
    }
  }
  return rows.length;
}

async function withdraw(
  store: Store,
  account: Readonly<{ id: string; provider_id: string; person_id: string }>,
): Promise<void> {
  await store.transaction(async (trx) => {
    await trx
      .updateTable('provider_accounts')
      .set({ refresh_token_sealed: null, refresh_at: null, groups: [] })
      .where('id', '=', account.id)
      .execute();
    await trx.deleteFrom('ssh_keys').where('account_id', '=', account.id).execute();
    await trx
      .deleteFrom('sessions')
      .where('person_id', '=', account.person_id)
      .where('provider_id', '=', account.provider_id)
      .execute();
    await applyGroupRoles(trx, account.person_id, await groupsOf(trx, account.person_id));
  });
}
