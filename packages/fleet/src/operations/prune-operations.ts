import { type Store, sql } from '@longshore/store';
import './operations-table.ts';

/** Few enough that neither locks nor the write-ahead log notice, enough to keep up with 100 operations a second. */
const BATCH = 5000;

/** Removes operations that ended more than `days` ago, with their children. */
export async function pruneOperations(store: Store, days: number): Promise<number> {
  let total = 0;
  for (;;) {
    const { numAffectedRows } = await sql`
      DELETE FROM operations WHERE id IN (
        SELECT id FROM operations
        WHERE created_at < now() - ${days}::double precision * interval '1 day'
          AND ended_at < now() - ${days}::double precision * interval '1 day'
        ORDER BY created_at LIMIT ${BATCH}
        FOR UPDATE SKIP LOCKED)`.execute(store.db);
    const removed = Number(numAffectedRows ?? 0);
    total += removed;
    if (removed < BATCH) return total;
  }
}
