import { randomBytes, randomUUID } from 'node:crypto';
import { LongshoreError, type Session } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';
import type { Principal } from '../principal.ts';
import { hashSecret } from '../secret.ts';
import { addressSubject, forgive } from './throttle.ts';

/** NIST SP 800-63B, 2.2.3 allows longer at its second level; a working day with lunch is enough. */
const IDLE_LIMIT = '12 hours';
/** However busy, one logs in anew after this. */
const ABSOLUTE_LIMIT = '7 days';
/** More often than this, the time of use is not worth a write. */
const SEEN_RECORDED_EVERY = '1 minute';
const SECRET_BYTES = 32;
const MAX_AGENT_LENGTH = 300;

/** Where a login comes from, as HTTP tells. */
export type Origin = Readonly<{ address: string; userAgent: string }>;

/** A new session; the secret is for the browser's cookie alone. */
export type NewSession = Readonly<{ id: string; secret: string; personId: string }>;

/** By what a person proved who they are. */
export type LoginMethod =
  | Readonly<{ by: 'password' | 'passkey' | 'set-up' }>
  | Readonly<{ by: 'provider'; id: string; name: string }>;

/**
 * Opens a session under a new identifier. What the browser held before is ended (`formerSecret`), so that a session
 * that somebody else planted never becomes a person's (session fixation).
 */
export async function openSession(
  query: Query,
  personId: string,
  method: LoginMethod,
  origin: Origin,
  formerSecret: string | null,
): Promise<NewSession> {
  if (formerSecret !== null) await endSession(query, formerSecret);
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const id = randomUUID();
  await query
    .insertInto('sessions')
    .values({
      id,
      person_id: personId,
      secret_hash: hashSecret(secret),
      method: method.by === 'provider' ? `provider:${method.name}` : method.by,
      provider_id: method.by === 'provider' ? method.id : null,
      expires_at: sql<Date>`now() + ${sql.lit(ABSOLUTE_LIMIT)}::interval`,
      address: origin.address,
      user_agent: origin.userAgent.slice(0, MAX_AGENT_LENGTH),
    })
    .execute();
  await forgive(query, [addressSubject(origin.address, 'begun')]);
  await query
    .updateTable('people')
    .set({ last_login_at: sql<Date>`now()` })
    .where('id', '=', personId)
    .execute();
  return { id, secret, personId };
}

const isAlive = sql<boolean>`sessions.expires_at > now()
  AND sessions.last_seen_at > now() - ${sql.lit(IDLE_LIMIT)}::interval AND people.status <> 'blocked'`;

function aliveSessions(store: Store) {
  return store.db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['sessions.id', 'sessions.person_id', 'people.name', 'people.status'])
    .where(isAlive);
}

/** Whose session a cookie's secret stands for, or null; asks the database each time, as tokens do. */
export async function authenticateSession(store: Store, secret: string): Promise<Principal | null> {
  const row = await aliveSessions(store)
    .select(
      sql<boolean>`sessions.last_seen_at < now() - ${sql.lit(SEEN_RECORDED_EVERY)}::interval`.as(
        'unrecorded',
      ),
    )
    .where('sessions.secret_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.unrecorded) {
    await store.db
      .updateTable('sessions')
      .set({ last_seen_at: sql<Date>`now()` })
      .where('id', '=', row.id)
      .execute();
  }
  return principalOf(row);
}

/** Whose session it is now, or null once it has ended: for long connections. */
export async function principalOfSession(store: Store, id: string): Promise<Principal | null> {
  const row = await aliveSessions(store).where('sessions.id', '=', id).executeTakeFirst();
  return row === undefined ? null : principalOf(row);
}

function principalOf(
  row: Readonly<{ id: string; person_id: string; name: string; status: string }>,
): Principal {
  return {
    kind: 'person',
    id: row.person_id,
    name: row.name,
    personId: row.person_id,
    status: row.status === 'pending' ? 'pending' : 'active',
    tokenId: null,
    tokenScopes: null,
    tokenProjects: null,
    sessionId: row.id,
    expiresAt: null,
  };
}

/** The sessions of a person that have not ended, the one seen last first. */
export async function listSessions(
  store: Store,
  personId: string,
): Promise<readonly Omit<Session, 'current'>[]> {
  const rows = await store.db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .selectAll('sessions')
    .where('sessions.person_id', '=', personId)
    .where(isAlive)
    .orderBy('sessions.last_seen_at', 'desc')
    .orderBy('sessions.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    method: row.method,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

/**
 * Ends one session of a person: at once in every process, its open event streams as well.
 * @throws LongshoreError `not-found`
 */
export async function revokeSession(store: Store, personId: string, id: string): Promise<void> {
  const { numDeletedRows } = await store.db
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) {
    throw new LongshoreError('not-found', `You have no session ${id}.`, {
      hint: 'It may have ended meanwhile. List your sessions to see which are left.',
    });
  }
}

/** Ends the session of a cookie's secret, if there is one. */
export async function endSession(query: Query, secret: string): Promise<void> {
  await query.deleteFrom('sessions').where('secret_hash', '=', hashSecret(secret)).execute();
}

/** Ends all sessions of a person but the one kept. */
export async function endSessionsOf(query: Query, personId: string, keptId: string | null): Promise<void> {
  await query
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .$if(keptId !== null, (delete_) => delete_.where('id', '!=', keptId ?? ''))
    .execute();
}
