import { randomUUID } from 'node:crypto';
import { LongshoreError, type NewToken, type PartRole, Scope, type Token } from '@longshore/contract';
import { type Query, type RawBuilder, type Store, sql } from '@longshore/store';
import { z } from 'zod';
import './access/bindings-table.ts';
import { hashSecret, newTokenSecret } from './secret.ts';
import './tokens-table.ts';

/** A role in a project, named by its identifier alone: names of projects are the fleet's. */
export type PlacedRole = Readonly<{ projectId: string; role: PartRole }>;

/** A token whose projects are named by their identifiers alone. */
export type PlacedToken = Omit<Token, 'roles' | 'projects'> &
  Readonly<{ roles: readonly PlacedRole[]; projectIds: readonly string[] | null }>;

/** What a token is made of. */
export type NewTokenOptions = Readonly<{
  name: string;
  /** Of a person: what narrows the token. Of a robot: what it may do on the fleet; empty for one with roles. */
  scopes: readonly string[];
  expiresAt: string | null;
  /** Of a person: the only projects in which it may do anything. */
  projectIds?: readonly string[] | null;
  /** Of a robot. */
  roles?: readonly PlacedRole[];
  /** Of a robot: the project that makes it. */
  homeProjectId?: string | null;
}>;

const Row = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(Scope),
  project_ids: z.array(z.string()).nullable(),
  created_at: z.date(),
  created_by: z.string(),
  expires_at: z.date().nullable(),
  last_used_at: z.date().nullable(),
  last_used_from: z.string().nullable(),
  roles: z.array(z.object({ projectId: z.string(), role: z.enum(['viewer', 'operator', 'admin']) })),
});

function tokenOf(row: z.infer<typeof Row>): PlacedToken {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    roles: row.roles,
    projectIds: row.project_ids,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedFrom: row.last_used_from,
  };
}

async function readTokens(query: Query, where: RawBuilder<unknown>): Promise<readonly PlacedToken[]> {
  const { rows } = await sql`
    SELECT id::text, name, scopes, project_ids::text[], created_at, created_by, expires_at, last_used_at, last_used_from,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('projectId', b.scope, 'role', b.role) ORDER BY b.created_at, b.id), '[]')
        FROM bindings b WHERE b.subject_kind = 'robot' AND b.subject = tokens.id::text AND b.scope_kind = 'project') AS roles
    FROM tokens WHERE revoked_at IS NULL AND ${where} ORDER BY created_at DESC, id`.execute(query);
  return z.array(Row).parse(rows).map(tokenOf);
}

/**
 * Makes a token of a person, or of a robot where `personId` is null. Its secret is in the answer and nowhere else. One
 * with roles is made in the caller's transaction, or its roles might be missing.
 *
 * @throws LongshoreError `bad-request` when it would be expired already, `name-taken`
 */
export async function createToken(
  query: Query,
  creation: NewTokenOptions,
  createdBy: string,
  personId: string | null = null,
): Promise<PlacedToken & Readonly<{ secret: string }>> {
  const secret = newTokenSecret();
  const id = randomUUID();
  const home = creation.homeProjectId ?? null;
  const projects = creation.projectIds ?? null;
  const made = await sql`
    INSERT INTO tokens (id, name, secret_hash, scopes, created_by, expires_at, person_id, project_ids, home_project_id)
    SELECT ${id}::uuid, ${creation.name}, ${hashSecret(secret)}, ${[...creation.scopes]}::text[], ${createdBy},
      given.expires_at, ${personId}::uuid, ${projects === null ? null : [...projects]}::uuid[], ${home}::uuid
    FROM (SELECT ${creation.expiresAt}::timestamptz) AS given (expires_at)
    WHERE given.expires_at IS NULL OR given.expires_at > now()
    ON CONFLICT DO NOTHING`.execute(query);
  if (made.numAffectedRows === 1n) {
    for (const { projectId, role } of creation.roles ?? []) {
      await sql`
        INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
        VALUES (gen_random_uuid(), 'robot', ${id}, ${role}, 'project', ${projectId})
        ON CONFLICT DO NOTHING`.execute(query);
    }
    const [token] = await readTokens(query, sql`id = ${id}::uuid`);
    if (token === undefined) throw new Error('a token was not there after it was made');
    return { ...token, secret };
  }
  const { rows: taken } = await sql`
    SELECT FROM tokens WHERE name = ${creation.name} AND revoked_at IS NULL
      AND person_id IS NOT DISTINCT FROM ${personId}::uuid AND home_project_id IS NOT DISTINCT FROM ${home}::uuid`.execute(
    query,
  );
  if (taken.length > 0) {
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
export function listTokens(store: Store, personId: string | null = null): Promise<readonly PlacedToken[]> {
  return readTokens(store.db, sql`person_id IS NOT DISTINCT FROM ${personId}::uuid`);
}

/** The tokens of robots that have a role in a project, each with its role there alone. */
export async function listProjectTokens(store: Store, projectId: string): Promise<readonly PlacedToken[]> {
  const tokens = await readTokens(
    store.db,
    sql`person_id IS NULL AND EXISTS (SELECT FROM bindings b WHERE b.subject_kind = 'robot' AND b.subject = tokens.id::text
      AND b.scope_kind = 'project' AND b.scope = ${projectId})`,
  );
  return tokens.map((token) => ({
    ...token,
    roles: token.roles.filter((role) => role.projectId === projectId),
  }));
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
  if (numUpdatedRows === 0n) throw noToken(id);
}

/**
 * Takes a robot's roles in a project away; by trigger, a token without any other is revoked.
 * @returns the name of the token
 * @throws LongshoreError `not-found`
 */
export async function revokeProjectToken(query: Query, id: string, projectId: string): Promise<string> {
  const [token] = await readTokens(query, sql`id = ${id}::uuid AND person_id IS NULL`);
  if (token === undefined || !token.roles.some((role) => role.projectId === projectId)) throw noToken(id);
  await sql`DELETE FROM bindings WHERE subject_kind = 'robot' AND subject = ${id} AND scope_kind = 'project'
    AND scope = ${projectId}`.execute(query);
  return token.name;
}

/** A new token that has to do with no project, as the contract shows it. */
export function withoutProjects(token: PlacedToken & Readonly<{ secret: string }>): NewToken {
  const { projectIds: _, ...shown } = token;
  return { ...shown, roles: [], projects: null };
}

function noToken(id: string): LongshoreError {
  return new LongshoreError('not-found', `There is no token ${id}.`, {
    hint: 'List the tokens to see which exist.',
  });
}
