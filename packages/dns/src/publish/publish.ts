import { type Store, sql } from '@longshore/store';

/**
 * Brings what is published up to zones, records and instances, and tells servers. Any number of processes may do so at
 * once, one works at a time; see `dns_publish()` in 0001-dns.sql.
 *
 * @returns how many records came or went
 */
export async function publish(store: Store): Promise<number> {
  const { rows } = await sql<{ moved: number }>`SELECT dns_publish() AS moved`.execute(store.db);
  return rows[0]?.moved ?? 0;
}

/** Changes are kept for secondaries that were away for so long; then they get the whole zone. */
const KEEP_CHANGES = '2 days';

/** Forgets old changes; servers that had not read them load all anew. */
export async function pruneChanges(store: Store): Promise<void> {
  await sql`
    WITH gone AS (DELETE FROM dns_changes WHERE at < now() - ${KEEP_CHANGES}::interval RETURNING seq)
    UPDATE dns_state SET pruned_seq = greatest(pruned_seq, (SELECT max(seq) FROM gone))
    WHERE EXISTS (SELECT FROM gone)`.execute(store.db);
}
