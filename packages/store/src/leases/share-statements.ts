import { type Kysely, sql } from 'kysely';
import type { Database } from '../index.ts';

// A share's row in store_leases has no expiry of its own: it holds as long as its owner's member row does, so
// that one heart-beat per member is enough for any number of keys.

/** Says that the member lives, and lists all that do. Time in which the database was down counts for nobody. */
export async function beatAndListMembers(
  query: Kysely<Database>,
  kind: string,
  member: string,
  ttlMs: number,
): Promise<readonly string[]> {
  await sql`
    insert into store_share_members (kind, member, expires_at)
    values (${kind}, ${member}, now() + ${ttlMs}::double precision * interval '1 millisecond')
    on conflict (kind, member) do update set expires_at = excluded.expires_at`.execute(query);
  await sql`
    delete from store_share_members where kind = ${kind} and expires_at < now() - interval '1 hour'`.execute(
    query,
  );
  const { rows } = await sql<{ member: string }>`
    select member from store_share_members as m where kind = ${kind} and ${isAlive(ttlMs)}
    order by member`.execute(query);
  return rows.map((row) => row.member);
}

function isAlive(ttlMs: number) {
  return sql`greatest(
    m.expires_at, pg_postmaster_start_time() + ${ttlMs}::double precision * interval '1 millisecond'
  ) > now()`;
}

/** The shares the member holds by the database, key to fence. */
export async function listShares(
  query: Kysely<Database>,
  kind: string,
  member: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await query
    .selectFrom('store_leases')
    .select(['key', 'fence'])
    .where('kind', '=', kind)
    .where('owner', '=', member)
    .execute();
  return new Map(rows.map((row) => [row.key, row.fence]));
}

/** Claims those of the keys whose owner gave them up or is dead. Returns key to fence. */
export async function claimShares(
  query: Kysely<Database>,
  kind: string,
  member: string,
  keys: readonly string[],
  ttlMs: number,
): Promise<ReadonlyMap<string, number>> {
  await sql`
    insert into store_leases (kind, key) select ${kind}, unnest(${keys}::text[]) on conflict do nothing`.execute(
    query,
  );
  const { rows } = await sql<{ key: string; fence: number }>`
    with free as (
      select key from store_leases l
      where kind = ${kind} and key = any(${keys}::text[]) and (
        owner is null or owner = ${member} or not exists (
          select from store_share_members m where m.kind = l.kind and m.member = l.owner and ${isAlive(ttlMs)}
        )
      )
      for update skip locked
    )
    update store_leases as l set owner = ${member}, fence = l.fence + 1, expires_at = null
    from free where l.kind = ${kind} and l.key = free.key
    returning l.key, l.fence`.execute(query);
  return new Map(rows.map((row) => [row.key, row.fence]));
}

/** Gives shares up. */
export async function releaseShares(
  query: Kysely<Database>,
  kind: string,
  member: string,
  keys: readonly string[],
): Promise<void> {
  await sql`
    update store_leases set owner = null
    where kind = ${kind} and owner = ${member} and key = any(${keys}::text[])`.execute(query);
}

/** The member takes part no longer. */
export async function removeMember(query: Kysely<Database>, kind: string, member: string): Promise<void> {
  await query
    .deleteFrom('store_share_members')
    .where('kind', '=', kind)
    .where('member', '=', member)
    .execute();
}
