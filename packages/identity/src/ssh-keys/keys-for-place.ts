import { PART_ROLE_PERMISSIONS, PART_ROLES, SshKeyType } from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import { z } from 'zod';
import '../access/bindings-table.ts';
import './ssh-keys-tables.ts';

/** Where an instance is, as far as roles look at it. */
export type LoginPlace = Readonly<{
  projectId: string | null;
  hostId: string;
  labels: Readonly<Record<string, string>>;
}>;

/** Where the keys of administrators of the fleet go: nowhere, to instances of no project, or everywhere. */
export type FleetAdminKeys = 'none' | 'projectless' | 'all';

/** A key that lets its person log in. */
export type LoginKey = Readonly<{
  fingerprint: string;
  type: SshKeyType;
  publicKey: string;
  comment: string;
  personId: string;
  person: string;
}>;

/** Roles that give a login: whoever may start and stop an instance. Who may only look at it gets no shell. */
const LOGIN_ROLES = PART_ROLES.filter((role) => PART_ROLE_PERMISSIONS[role].includes('instances:operate'));

const Row = z.object({
  fingerprint: z.string(),
  type: SshKeyType,
  public_key: z.string(),
  comment: z.string(),
  person_id: z.string(),
  person: z.string(),
});

/**
 * The keys that may log in to an instance at a place, now: of people who are let in and have a role there that gives a
 * login. A key of several people is named once, by the first of them. One indexed read.
 */
export async function keysForPlace(
  query: Query,
  place: LoginPlace,
  fleetAdmins: FleetAdminKeys,
): Promise<readonly LoginKey[]> {
  const labels = Object.entries(place.labels).map(([key, value]) => `${key}=${value}`);
  const everywhere = fleetAdmins === 'all' || (fleetAdmins === 'projectless' && place.projectId === null);
  const { rows } = await sql`
    SELECT DISTINCT ON (k.public_key) k.fingerprint, k.type, k.public_key, k.comment, p.id::text AS person_id, p.name AS person
    FROM bindings b
    JOIN people p ON p.id::text = b.subject AND p.status = 'active'
    JOIN ssh_keys k ON k.person_id = p.id AND (k.expires_at IS NULL OR k.expires_at > now())
    WHERE b.subject_kind = 'person' AND (
      b.role = ANY (${[...LOGIN_ROLES]}::text[]) AND (
        b.scope_kind = 'project' AND b.scope = ${place.projectId}
        OR b.scope_kind = 'host' AND b.scope = ${place.hostId}
        OR b.scope_kind = 'label' AND b.scope = ANY (${labels}::text[]))
      OR ${everywhere} AND b.scope_kind = 'fleet' AND b.role = 'admin')
    ORDER BY k.public_key, p.name, k.created_at`.execute(query);
  return z
    .array(Row)
    .parse(rows)
    .map((row) => ({
      fingerprint: row.fingerprint,
      type: row.type,
      publicKey: row.public_key,
      comment: row.comment,
      personId: row.person_id,
      person: row.person,
    }))
    .toSorted((a, b) => compare(a.person, b.person) || compare(a.publicKey, b.publicKey));
}

/** The places where a person may log in; null: everywhere. Who is not let in may nowhere. */
export async function loginPlacesOf(
  query: Query,
  personId: string,
  fleetAdmins: FleetAdminKeys,
): Promise<Readonly<{ fleet: FleetAdminKeys; projects: string[]; hosts: string[]; labels: string[] }>> {
  const { rows } = await sql<{ role: string; kind: string; scope: string }>`
    SELECT b.role, b.scope_kind AS kind, b.scope FROM bindings b JOIN people p ON p.id::text = b.subject
    WHERE b.subject_kind = 'person' AND b.subject = ${personId} AND p.status = 'active'`.execute(query);
  const roles: readonly string[] = LOGIN_ROLES;
  const of = (kind: string) =>
    rows.filter((row) => row.kind === kind && roles.includes(row.role)).map(({ scope }) => scope);
  const admin = rows.some(({ kind, role }) => kind === 'fleet' && role === 'admin');
  return {
    fleet: admin ? fleetAdmins : 'none',
    projects: of('project'),
    hosts: of('host'),
    labels: of('label'),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
