import { type Query, type Sealer, sql } from '@longshore/store';
import { applyGroupRoles, groupsOf } from '../people/group-roles.ts';
import type { ProvidedPerson } from './provider-client.ts';

/** Context of the sealed refresh token. */
export function refreshTokenContext(accountId: unknown): string {
  return `provider_accounts.refresh_token_sealed:${accountId}`;
}

/** Keeps what a provider told last, and gives the roles of its groups. */
export async function keepTold(
  trx: Query,
  sealer: Sealer,
  account: Readonly<{ id: string; personId: string }>,
  told: ProvidedPerson,
): Promise<void> {
  await trx
    .updateTable('provider_accounts')
    .set({
      groups: [...told.groups],
      ...(told.refreshToken === null
        ? {}
        : {
            refresh_token_sealed: sealer.seal(told.refreshToken, refreshTokenContext(account.id)),
            refresh_at: sql<Date>`now() + ${told.refreshAfterMinutes} * interval '1 minute'`,
          }),
    })
    .where('id', '=', account.id)
    .execute();
  if (told.email !== null) {
    await trx.updateTable('people').set({ email: told.email }).where('id', '=', account.personId).execute();
  }
  await applyGroupRoles(trx, account.personId, await groupsOf(trx, account.personId));
}
