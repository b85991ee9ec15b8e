import { randomUUID } from 'node:crypto';
import { LongshoreError, type NewToken, Scope, type Token, type TokenCreation } from '@longshore/contract';
import { type Query, type Selectable, type Store, sql } from '@longshore/store';
import { hashSecret, looksLikeToken, newTokenSecret } from './secret.ts';
import type { TokensTable } from './tokens-table.ts';

/** Who asks, as a valid token tells. */
export type Bearer = Readonly<{
  id: string;
  name: string;
  scopes: readonly string[];
  expiresAt: string | null;
}>;

type TokenRow = Pick<
  Selectable<TokensTable>,
  'id' | 'name' | 'scopes' | 'created_at' | 'expires_at' | 'last_used_at'
>;
const shown = ['id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at'] as const;

function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes.map((scope) => Scope.parse(scope)),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}

/**
 * Makes a token. Its secret is in the answer and nowhere else.
 * @throws LongshoreError `bad-request` when it would be expired already, `name-taken`
 */
export async function createToken(
  query: Query,
  creation: TokenCreation,
  createdBy: string,
): Promise<NewToken> {
  const secret = newTokenSecret();
  const made = await sql<TokenRow>`
    INSERT INTO tokens (id, name, secret_hash, scopes, created_by, expires_at)
    SELECT ${randomUUID()}::uuid, ${creation.name}, ${hashSecret(secret)}, ${[...creation.scopes]}::text[], ${createdBy}, given.expires_at
    FROM (SELECT ${creation.expiresAt}::timestamptz) AS given (expires_at)
    WHERE given.expires_at IS NULL OR given.expires_at > now()
    ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
    RETURNING id, name, scopes, created_at, expires_at, last_used_at`.execute(query);
  const row = made.rows[0];
  if (row !== undefined) return { ...tokenOf(row), secret };
  const taken = await query
    .selectFrom('tokens')
    .select('id')
    .where('name', '=', creation.name)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (taken !== undefined) {
    throw new LongshoreError('name-taken', `A token named "${creation.name}" exists already.`, {
      hint: 'Take another name, or revoke that token first.',
    });
  }
  throw new LongshoreError('bad-request', `The token "${creation.name}" would be expired already.`, {
    hint: 'Give a time in the future.',
    fields: [{ path: 'expiresAt', message: 'must be in the future' }],
  });
}

/** All tokens that are not revoked, the newest first; expired ones are among them. */
export async function listTokens(store: Store): Promise<readonly Token[]> {
  const rows = await store.db
    .selectFrom('tokens')
    .select(shown)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(tokenOf);
}

/**
 * Revokes a token: it is refused from the commit on, by every process.
 * @throws LongshoreError `not-found`
 */
export async function revokeToken(store: Store, id: string): Promise<void> {
  const { numUpdatedRows } = await store.db
    .updateTable('tokens')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    throw new LongshoreError('not-found', `There is no token ${id}.`, {
      hint: 'List the tokens to see which exist.',
    });
  }
}

/** More often than this, the time of use is not worth a write. */
const USE_RECORDED_EVERY = '1 minute';

/**
 * The bearer of a token, or null for one that is unknown, revoked or expired by the database's clock. Each call asks
 * the database (0.3 ms): a cache would let a revoked token live on in some process.
 */
export async function authenticate(store: Store, secret: string): Promise<Bearer | null> {
  if (!looksLikeToken(secret)) return null;
  const row = await store.db
    .selectFrom('tokens')
    .select(['id', 'name', 'scopes', 'expires_at'])
    .select(
      sql<boolean>`coalesce(last_used_at < now() - ${sql.lit(USE_RECORDED_EVERY)}::interval, true)`.as(
        'use_unrecorded',
      ),
    )
    .where('secret_hash', '=', hashSecret(secret))
    .where(isValid)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.use_unrecorded) {
    await store.db
      .updateTable('tokens')
      .set({ last_used_at: sql<Date>`now()` })
      .where('id', '=', row.id)
      .execute();
  }
  return bearerOf(row);
}

/** The bearer that a token's identifier stands for now, or null once it is no longer valid: for long connections. */
export async function bearerOfToken(store: Store, id: string): Promise<Bearer | null> {
  const row = await store.db
    .selectFrom('tokens')
    .select(['id', 'name', 'scopes', 'expires_at'])
    .where('id', '=', id)
    .where(isValid)
    .executeTakeFirst();
  return row === undefined ? null : bearerOf(row);
}

const isValid = sql<boolean>`revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

function bearerOf(row: Pick<TokenRow, 'id' | 'name' | 'scopes' | 'expires_at'>): Bearer {
  return { id: row.id, name: row.name, scopes: row.scopes, expiresAt: row.expires_at?.toISOString() ?? null };
}
