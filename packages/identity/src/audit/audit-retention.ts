import type { AuditSettings } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';

/** How long entries are kept. */
export async function readAuditSettings(query: Query): Promise<AuditSettings> {
  const { rows } = await sql<{ keep_days: number }>`SELECT keep_days FROM audit_retention`.execute(query);
  return { keepDays: rows[0]?.keep_days ?? 400 };
}

/** Sets how long entries are kept; what is older goes with the next sweep. */
export async function updateAuditSettings(query: Query, { keepDays }: AuditSettings): Promise<AuditSettings> {
  await sql`UPDATE audit_retention SET keep_days = ${keepDays}::integer`.execute(query);
  return readAuditSettings(query);
}

/** Rows in one statement: locks and dead rows stay few. */
const BATCH = 5000;

/** Removes entries whose time is over; the database itself refuses to remove younger ones. Tells how many. */
export async function pruneAudit(store: Store): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rows } = await sql<{ n: number }>`
      WITH gone AS (
        DELETE FROM audit WHERE id IN (
          SELECT id FROM audit
          WHERE at < now() - make_interval(days => (SELECT keep_days FROM audit_retention))
          ORDER BY at LIMIT ${BATCH})
        RETURNING 1)
      SELECT count(*)::integer AS n FROM gone`.execute(store.db);
    const n = rows[0]?.n ?? 0;
    removed += n;
    if (n < BATCH) return removed;
  }
}
