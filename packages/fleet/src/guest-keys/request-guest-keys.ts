import { type Database, sql, type Transaction } from '@longshore/store';
import type { GuestKeysPlace } from './guest-key.ts';

/** Tells workers that there are changes. */
export const GUEST_KEYS_CHANNEL = 'guest_key_changes';

/** Has the keys of guests at places looked at, once the transaction commits. What is right already costs one query each. */
export async function requestGuestKeys(
  trx: Transaction<Database>,
  places: readonly GuestKeysPlace[],
): Promise<void> {
  if (places.length === 0) return;
  await sql`
    INSERT INTO guest_key_changes (kind, scope)
    SELECT * FROM unnest(${places.map(({ kind }) => kind)}::text[], ${places.map(({ scope }) => scope)}::text[])`.execute(
    trx,
  );
  await sql`SELECT pg_notify(${GUEST_KEYS_CHANNEL}, '')`.execute(trx);
}

/** Has a guest looked at although we believe that all is well: its disk was set back, or is a copy of another's. */
export async function distrustGuest(trx: Transaction<Database>, instanceId: string): Promise<void> {
  await sql`
    INSERT INTO guest_keys (instance_id, username, state) VALUES (${instanceId}::uuid, 'root', 'pending')
    ON CONFLICT (instance_id, username) DO NOTHING`.execute(trx);
  await sql`UPDATE guest_keys SET boot = '' WHERE instance_id = ${instanceId}`.execute(trx);
  await requestGuestKeys(trx, [{ kind: 'instance', scope: instanceId }]);
}
