import { type Store, sql } from '@longshore/store';
import { z } from 'zod';

/** At most in one statement, so that no sweep holds the database up. */
const BATCH = 500;

/**
 * Says that a proxy lives. A lease is worth something for 30 seconds after.
 *
 * @returns false where it was silent for so long that others may have taken what it held
 */
export async function beat(store: Store, id: string, url: string | null): Promise<boolean> {
  const { rows } = await sql<{ lives: boolean }>`
    WITH before AS (SELECT seen_at FROM console_proxies WHERE id = ${id}),
      beaten AS (INSERT INTO console_proxies (id, url) VALUES (${id}, ${url})
        ON CONFLICT (id) DO UPDATE SET seen_at = now() RETURNING 1)
    SELECT EXISTS (SELECT FROM before WHERE console_proxy_lives(seen_at)) AS lives FROM beaten`.execute(
    store.vital,
  );
  return rows[0]?.lives === true;
}

/** A proxy that has ended in order. */
export async function leave(store: Store, id: string): Promise<void> {
  await sql`DELETE FROM console_proxies WHERE id = ${id}`.execute(store.db);
}

const Left = z.object({ id: z.string() });

/** Sessions that a proxy should carry by the database, with what is to become of them. */
export const Carried = z.object({
  id: z.string(),
  ending: z.string().nullable(),
  ending_by: z.string().nullable(),
  /** It looks along, or still has its place. */
  placed: z.boolean(),
});
export type Carried = z.infer<typeof Carried>;

/** All sessions of a proxy. */
export async function carriedBy(store: Store, proxyId: string): Promise<readonly Carried[]> {
  const { rows } = await sql`
    SELECT s.id, s.ending, s.ending_by,
      s.access = 'view' OR EXISTS (SELECT FROM console_leases l WHERE l.session_id = s.id) AS placed
    FROM console_sessions s WHERE s.proxy_id = ${proxyId}`.execute(store.db);
  return rows.map((row) => Carried.parse(row));
}

/**
 * Removes what dead proxies left and tickets that are long over, in small batches.
 *
 * @returns identifiers of the sessions that were removed
 */
export async function sweep(store: Store): Promise<readonly string[]> {
  const removed: string[] = [];
  for (let found = BATCH; found === BATCH; ) {
    const { rows } = await sql`
      DELETE FROM console_sessions WHERE id IN (
        SELECT s.id FROM console_sessions s LEFT JOIN console_proxies p ON p.id = s.proxy_id
        WHERE p.id IS NULL OR NOT console_proxy_lives(p.seen_at)
        LIMIT ${BATCH} FOR UPDATE OF s SKIP LOCKED)
      RETURNING id`.execute(store.db);
    found = rows.length;
    removed.push(...rows.map((row) => Left.parse(row).id));
  }
  for (let found = BATCH; found === BATCH; ) {
    // Kept for some minutes, so that a second use can be told from a guess.
    const { rows } = await sql`
      DELETE FROM console_tickets WHERE token_hash IN (
        SELECT token_hash FROM console_tickets WHERE expires_at < now() - interval '5 minutes'
        LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING 1`.execute(store.db);
    found = rows.length;
  }
  await sql`DELETE FROM console_proxies WHERE seen_at < now() - interval '1 hour'`.execute(store.db);
  return removed;
}
