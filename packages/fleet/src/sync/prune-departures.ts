import { type Store, sql } from '@longshore/store';

/**
 * Forgets departures that no read under way can have begun before: a read lives for minutes, and the hosts that were
 * silent meanwhile begin new ones.
 */
export async function pruneDepartures(store: Store): Promise<void> {
  await sql`DELETE FROM instance_departures WHERE at < now() - interval '1 day'`.execute(store.db);
  // Lines are kept for minutes after the last look (instances/kept-lines.ts).
  await sql`DELETE FROM instance_removals WHERE removed_at < now() - interval '1 day'`.execute(store.db);
}
