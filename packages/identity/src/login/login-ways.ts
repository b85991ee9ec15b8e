import { type Store, sql } from '@longshore/store';
import '../people/people-tables.ts';

/** Which ways to log in somebody has, beside the providers; it tells nothing of whom. */
export async function loginWays(
  store: Store,
): Promise<Readonly<{ password: boolean; passkey: boolean; setUp: boolean }>> {
  const { rows } = await sql<{ password: boolean; passkey: boolean; setUp: boolean }>`
    SELECT EXISTS (SELECT FROM people WHERE password_phc IS NOT NULL) AS password,
      EXISTS (SELECT FROM passkeys) AS passkey,
      NOT EXISTS (SELECT FROM bindings WHERE scope_kind = 'fleet' AND role = 'admin') AS "setUp"`.execute(
    store.db,
  );
  return rows[0] ?? { password: false, passkey: false, setUp: false };
}
