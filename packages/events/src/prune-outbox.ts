import { type Store, sql } from '@longshore/store';

/** What is kept for readers that come back. */
export type Retention = Readonly<{
  /** A client that was away longer reads the lists again. */
  seconds: number;
  /** However fast events come: at 200 bytes each, 200,000 are some 50 MB with their index. */
  rows: number;
}>;

export const DEFAULT_RETENTION: Retention = { seconds: 3600, rows: 200_000 };

/** One for all processes on the database; the value is the room's name and 1. */
const LOCK = "hashtextextended('longshore.events.prune', 1)";

/** Removes old events and says how many; does nothing while another process is at it. */
export async function pruneOutbox(store: Store, retention: Retention = DEFAULT_RETENTION): Promise<number> {
  return store.transaction(async (trx) => {
    const lock = await sql<{
      mine: boolean;
    }>`SELECT pg_try_advisory_xact_lock(${sql.raw(LOCK)}) AS mine`.execute(trx);
    if (lock.rows[0]?.mine !== true) return 0;
    // Both ends are walked from the new side of an index; what waits behind a running transaction is never touched.
    const { rows } = await sql<{ txid: string; seq: string }>`
      SELECT txid::text, seq::text FROM (
        (SELECT txid, seq FROM outbox WHERE at < now() - make_interval(secs => ${retention.seconds}) ORDER BY at DESC LIMIT 1)
        UNION ALL
        (SELECT txid, seq FROM outbox ORDER BY txid DESC, seq DESC OFFSET ${retention.rows} LIMIT 1)
      ) AS ends (txid, seq)
      WHERE txid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY ends.txid DESC, ends.seq DESC LIMIT 1`.execute(trx);
    const end = rows[0];
    if (end === undefined) return 0;
    await sql`UPDATE outbox_pruned SET txid = ${end.txid}::xid8, seq = ${end.seq}::bigint
      WHERE (txid, seq) < (${end.txid}::xid8, ${end.seq}::bigint)`.execute(trx);
    const removed = await sql`
      DELETE FROM outbox WHERE (txid, seq) <= (${end.txid}::xid8, ${end.seq}::bigint)`.execute(trx);
    return Number(removed.numAffectedRows ?? 0n);
  });
}
