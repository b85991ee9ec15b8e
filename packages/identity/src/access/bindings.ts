import { randomUUID } from 'node:crypto';
import { type Binding, LongshoreError, type Subject } from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import { z } from 'zod';
import { applyGroupRoles, groupsOf } from '../people/group-roles.ts';
import '../people/people-tables.ts';
import type { Grant } from './access.ts';
import './bindings-table.ts';

/** A binding whose place is named by its identifier alone: names of projects and hosts are the fleet's. */
export type PlacedBinding = Omit<Binding, 'scope'> &
  Readonly<{ scope: { kind: Grant['scope_kind']; id: string } }>;

const Row = z.object({
  id: z.string(),
  subject_kind: z.enum(['person', 'group', 'robot']),
  subject: z.string(),
  named: z.string().nullable(),
  role: z.enum(['viewer', 'operator', 'admin', 'auditor']),
  scope_kind: z.enum(['fleet', 'project', 'host', 'label']),
  scope: z.string(),
  source: z.enum(['direct', 'group']),
  created_at: z.date(),
});

/** Bindings, all of them or those of one place, the oldest first. */
export async function listBindings(
  query: Query,
  scope?: Readonly<{ kind: Grant['scope_kind']; id: string }>,
): Promise<readonly PlacedBinding[]> {
  const { rows } = await sql`
    SELECT b.id::text, b.subject_kind, b.subject, coalesce(p.name, t.name) AS named, b.role, b.scope_kind, b.scope, b.source, b.created_at
    FROM bindings b LEFT JOIN people p ON b.subject_kind = 'person' AND p.id::text = b.subject
    LEFT JOIN tokens t ON b.subject_kind = 'robot' AND t.id::text = b.subject
    WHERE ${scope === undefined ? sql`true` : sql`b.scope_kind = ${scope.kind} AND b.scope = ${scope.id}`}
    ORDER BY b.created_at, b.id`.execute(query);
  return z.array(Row).parse(rows).map(bindingOf);
}

/** One binding. @throws LongshoreError `not-found` */
export async function readBinding(query: Query, id: string): Promise<PlacedBinding> {
  const { rows } = await sql`
    SELECT b.id::text, b.subject_kind, b.subject, coalesce(p.name, t.name) AS named, b.role, b.scope_kind, b.scope, b.source, b.created_at
    FROM bindings b LEFT JOIN people p ON b.subject_kind = 'person' AND p.id::text = b.subject
    LEFT JOIN tokens t ON b.subject_kind = 'robot' AND t.id::text = b.subject
    WHERE b.id = ${id}`.execute(query);
  const [row] = z.array(Row).parse(rows);
  if (row === undefined) throw noBinding(id);
  return bindingOf(row);
}

/**
 * Gives a role. One that the subject has already is answered as it is. With `only`, other roles that were given to it
 * directly at the same place are taken away.
 *
 * @throws LongshoreError `not-found` (no such person)
 */
export async function createBinding(
  query: Query,
  subject: Subject,
  grant: Grant,
  only = false,
): Promise<PlacedBinding> {
  const who = subject.kind === 'person' ? await personNamed(query, subject.name) : subject.name;
  if (only) {
    const { rows } = await sql<{ id: string }>`
      SELECT id::text FROM bindings WHERE subject_kind = ${subject.kind} AND subject = ${who} AND source = 'direct'
        AND scope_kind = ${grant.scope_kind} AND scope = ${grant.scope} AND role <> ${grant.role}`.execute(
      query,
    );
    for (const { id } of rows) await deleteBinding(query, id);
  }
  await sql`
    INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope, source)
    VALUES (${randomUUID()}::uuid, ${subject.kind}, ${who}, ${grant.role}, ${grant.scope_kind}, ${grant.scope}, 'direct')
    ON CONFLICT DO NOTHING`.execute(query);
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM bindings WHERE subject_kind = ${subject.kind} AND subject = ${who} AND source = 'direct'
      AND scope_kind = ${grant.scope_kind} AND scope = ${grant.scope} AND role = ${grant.role}`.execute(
    query,
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('a binding was not there after it was made');
  if (subject.kind === 'group') await applyToMembers(query, who);
  return readBinding(query, id);
}

/**
 * Takes a role away; one of a group from all that have it by the group.
 *
 * @throws LongshoreError `not-found`; `conflict` for one that a group gives
 */
export async function deleteBinding(query: Query, id: string): Promise<void> {
  const binding = await readBinding(query, id);
  if (binding.source === 'group') {
    throw new LongshoreError('conflict', 'The role was given by a group of the identity provider.', {
      hint: 'Take it from the group, or the person out of the group.',
    });
  }
  await sql`DELETE FROM bindings WHERE id = ${id}`.execute(query);
  if (binding.subject.kind === 'group') await applyToMembers(query, binding.subject.id);
}

/** Takes away all roles at a place that is no more. */
export async function deleteBindingsAt(
  query: Query,
  kind: Grant['scope_kind'],
  scope: string,
): Promise<void> {
  await sql`DELETE FROM bindings WHERE scope_kind = ${kind} AND scope = ${scope}`.execute(query);
}

/** Everyone who is in a group has at once what it gives. */
async function applyToMembers(query: Query, group: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT a.person_id::text AS id FROM provider_accounts a JOIN identity_providers p ON p.id = a.provider_id
    WHERE ${group} IN (SELECT p.name || ':' || g FROM unnest(a.groups) AS g)`.execute(query);
  for (const { id } of rows) await applyGroupRoles(query, id, await groupsOf(query, id));
}

async function personNamed(query: Query, reference: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM people WHERE name = ${reference.toLowerCase()} OR id::text = ${reference} LIMIT 1`.execute(
    query,
  );
  const id = rows[0]?.id;
  if (id !== undefined) return id;
  throw new LongshoreError('not-found', `There is no person ${reference}.`, {
    hint: 'A person is known after the first login, or once an administrator has made an account.',
  });
}

function bindingOf(row: z.infer<typeof Row>): PlacedBinding {
  return {
    id: row.id,
    subject: { kind: row.subject_kind, id: row.subject, name: row.named ?? row.subject },
    role: row.role,
    scope: { kind: row.scope_kind, id: row.scope },
    source: row.source,
    createdAt: row.created_at.toISOString(),
  };
}

function noBinding(id: string): LongshoreError {
  return new LongshoreError('not-found', `There is no role with the identifier ${id}.`, {
    hint: 'List the roles to see which there are.',
  });
}
