import { type Database, type Query, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import { GuestKey } from './guest-key.ts';
import './guest-keys-tables.ts';

/** How one account of a guest stands. */
export type AccountState = 'in_step' | 'pending' | 'unreachable' | 'failed' | 'no_user';

/** What we know of one account of a guest. */
export type AccountRow = Readonly<{
  user: string;
  state: AccountState;
  wanted: string;
  boot: string;
  tries: number;
  present: readonly GuestKey[];
  /** Looked at within the last hours. */
  fresh: boolean;
}>;

/** What came of a look at one account. */
export type AccountOutcome = Readonly<{
  user: string;
  state: AccountState;
  reason: string | null;
  /** Set where the file was looked at. */
  looked?: Readonly<{ wanted: string; boot: string; present: readonly GuestKey[] }>;
  /** This look ended with what may pass. */
  passing?: boolean;
  /** It has nothing of ours, and shall have nothing. */
  forget?: boolean;
}>;

/** What somebody undid inside the guest is noticed after so long, when nothing else made us look. */
export const LOOK_AGAIN_AFTER = '6 hours';

const Rows = z.array(
  z.object({
    user: z.string(),
    state: z.enum(['in_step', 'pending', 'unreachable', 'failed', 'no_user']),
    wanted: z.string(),
    boot: z.string(),
    tries: z.number(),
    present: z.array(GuestKey),
    fresh: z.boolean(),
  }),
);

/** The accounts of a guest that have keys of ours, or are to have some. */
export async function accountRows(query: Query, instanceId: string): Promise<readonly AccountRow[]> {
  const { rows } = await sql`
    SELECT username AS user, state, wanted, boot, tries, present,
      coalesce(checked_at > now() - ${sql.lit(LOOK_AGAIN_AFTER)}::interval, false) AS fresh
    FROM guest_keys WHERE instance_id = ${instanceId} ORDER BY username`.execute(query);
  return Rows.parse(rows);
}

/** Writes what came of a look. An instance that is gone meanwhile takes its rows along. */
export async function writeOutcomes(
  trx: Transaction<Database>,
  instanceId: string,
  outcomes: readonly AccountOutcome[],
): Promise<void> {
  const { rows } = await sql`SELECT FROM instances WHERE id = ${instanceId} FOR KEY SHARE`.execute(trx);
  if (rows.length === 0) return;
  for (const { user, state, reason, looked, passing = false, forget = false } of outcomes) {
    if (forget) {
      await sql`DELETE FROM guest_keys WHERE instance_id = ${instanceId} AND username = ${user}`.execute(trx);
      continue;
    }
    await sql`
      INSERT INTO guest_keys AS k (instance_id, username, state, reason, checked_at, wanted, boot, present, tries)
      VALUES (${instanceId}::uuid, ${user}, ${state}, ${reason}, CASE WHEN ${looked !== undefined} THEN now() END,
        ${looked?.wanted ?? ''}, ${looked?.boot ?? ''}, ${JSON.stringify(looked?.present ?? [])}::jsonb, ${passing ? 1 : 0})
      ON CONFLICT (instance_id, username) DO UPDATE SET state = excluded.state, reason = excluded.reason,
        since = CASE WHEN k.state = excluded.state THEN k.since ELSE now() END,
        checked_at = coalesce(excluded.checked_at, k.checked_at),
        wanted = CASE WHEN ${looked !== undefined} THEN excluded.wanted ELSE k.wanted END,
        boot = CASE WHEN ${looked !== undefined} THEN excluded.boot ELSE k.boot END,
        present = CASE WHEN ${looked !== undefined} THEN excluded.present ELSE k.present END,
        tries = CASE WHEN ${passing} THEN k.tries + 1 ELSE 0 END`.execute(trx);
  }
}
