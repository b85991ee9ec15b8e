import { randomUUID } from 'node:crypto';
import { LongshoreError, type NewToken, Scope, type Token, type TokenCreation } from '@longshore/contract';
import { type Query, type Selectable, type Store, sql } from '@longshore/store';
import { hashSecret, newTokenSecret } from './secret.ts';
import type { TokensTable } from './tokens-table.ts';

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
 * Makes a token of a person, or of a robot where `personId` is null. Its secret is in the answer and nowhere else.
 * @throws LongshoreError `bad-request` when it would be expired already, `name-taken`
 */
export async function createToken(
  query: Query,
  creation: TokenCreation,
  createdBy: string,
  personId: string | null = null,
): Promise<NewToken> {
  const secret = newTokenSecret();
  const made = await sql<TokenRow>`
    INSERT INTO tokens (id, name, secret_hash, scopes, created_by, expires_at, person_id)
    SELECT ${randomUUID()}::uuid, ${creation.name}, ${hashSecret(secret)}, ${[...creation.scopes]}::text[], ${createdBy}, given.expires_at, ${personId}::uuid
    FROM (SELECT ${creation.expiresAt}::timestamptz) AS given (expires_at)
    WHERE given.expires_at IS NULL OR given.expires_at > now()
    ON CONFLICT DO NOTHING
    RETURNING id, name, scopes, created_at, expires_at, last_used_at`.execute(query);
  const row = made.rows[0];
  if (row !== undefined) return { ...tokenOf(row), secret };
  const taken = await query
    .selectFrom('tokens')
    .select('id')
    .where('name', '=', creation.name)
    .where('person_id', 'is not distinct from', personId)
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

/** The tokens of robots, or of one person, that are not revoked, the newest first; expired ones are among them. */
export async function listTokens(store: Store, personId: string | null = null): Promise<readonly Token[]> {
  const rows = await store.db
    .selectFrom('tokens')
    .select(shown)
    .where('person_id', 'is not distinct from', personId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(tokenOf);
}

/**
 * Revokes a token of a robot, or of the person given: it is refused from the commit on, by every process.
 * @throws LongshoreError `not-found`
 */
export async function revokeToken(store: Store, id: string, personId: string | null = null): Promise<void> {
  const { numUpdatedRows } = await store.db
    .updateTable('tokens')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('person_id', 'is not distinct from', personId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    throw new LongshoreError('not-found', `There is no token ${id}.`, {
      hint: 'List the tokens to see which exist.',
    });
  }
}
