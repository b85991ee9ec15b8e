import { type Store, sql } from '@longshore/store';
import type { Principal } from './principal.ts';
import { hashSecret, looksLikeToken } from './secret.ts';

/** More often than this, the time of use is not worth a write. */
const USE_RECORDED_EVERY = '1 minute';

/**
 * Who a token speaks for (used from `address`), or null for one that is unknown, revoked or expired by the database's clock, or whose person
 * is blocked. Each call asks the database (0.3 ms): a cache would let a revoked token live on in some process.
 */
export async function authenticateToken(
  store: Store,
  secret: string,
  address: string,
): Promise<Principal | null> {
  if (!looksLikeToken(secret)) return null;
  const row = await validTokens(store)
    .select(
      sql<boolean>`coalesce(tokens.last_used_at < now() - ${sql.lit(USE_RECORDED_EVERY)}::interval, true)
        OR tokens.last_used_from IS DISTINCT FROM ${address}`.as('use_unrecorded'),
    )
    .where('tokens.secret_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.use_unrecorded) {
    await store.db
      .updateTable('tokens')
      .set({ last_used_at: sql<Date>`now()`, last_used_from: address })
      .where('id', '=', row.id)
      .execute();
  }
  return principalOf(row);
}

/** Who a token's identifier speaks for now, or null once it is no longer valid: for long connections. */
export async function principalOfToken(store: Store, id: string): Promise<Principal | null> {
  const row = await validTokens(store).where('tokens.id', '=', id).executeTakeFirst();
  return row === undefined ? null : principalOf(row);
}

function validTokens(store: Store) {
  return store.db
    .selectFrom('tokens')
    .leftJoin('people', 'people.id', 'tokens.person_id')
    .select([
      'tokens.id',
      'tokens.name',
      'tokens.scopes',
      'tokens.expires_at',
      'tokens.person_id',
      'tokens.project_ids',
      'people.name as person_name',
      'people.status',
    ])
    .where(
      sql<boolean>`tokens.revoked_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > now())`,
    )
    .where(sql<boolean>`people.status IS DISTINCT FROM 'blocked'`);
}

type TokenRow = Readonly<{
  id: string;
  name: string;
  scopes: readonly string[];
  expires_at: Date | null;
  person_id: string | null;
  project_ids: readonly string[] | null;
  person_name: string | null;
  status: string | null;
}>;

function principalOf(row: TokenRow): Principal {
  const person = row.person_id !== null && row.person_name !== null;
  return {
    kind: person ? 'person' : 'robot',
    id: row.person_id ?? row.id,
    name: row.person_name ?? row.name,
    personId: row.person_id,
    status: row.status === 'pending' ? 'pending' : 'active',
    tokenId: row.id,
    tokenScopes: row.scopes,
    tokenProjects: row.project_ids,
    sessionId: null,
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}
