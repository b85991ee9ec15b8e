import { LongshoreError } from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import '../people/people-tables.ts';

/**
 * Wants a way to log in beside the one that is to be taken away: a password, a passkey, or an account at a provider that
 * is enabled. The person's row is locked, so that two ways are not taken away at once, each for the sake of the other.
 *
 * @throws LongshoreError `last-way-in`
 */
export async function requireAnotherWay(
  trx: Query,
  personId: string,
  without: Readonly<{ kind: 'passkey' | 'identity'; id: string }>,
): Promise<void> {
  await sql`SELECT FROM people WHERE id = ${personId}::uuid FOR UPDATE`.execute(trx);
  const { rows } = await sql<{ another: boolean }>`
    SELECT password_phc IS NOT NULL
      OR EXISTS (SELECT FROM passkeys k WHERE k.person_id = people.id AND k.id::text <> ${without.id})
      OR EXISTS (SELECT FROM provider_accounts a JOIN identity_providers p ON p.id = a.provider_id
        WHERE a.person_id = people.id AND p.enabled AND a.id::text <> ${without.id}) AS another
    FROM people WHERE id = ${personId}::uuid`.execute(trx);
  if (rows[0]?.another === true) return;
  throw new LongshoreError('last-way-in', `Without this ${without.kind} you could not log in any more.`, {
    hint: 'Add another way first: a passkey, or an account at another provider. An administrator can give you a password.',
  });
}
