import { type InstanceSshKeys, LongshoreError } from '@longshore/contract';
import { type Query, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { GuestKey } from './guest-key.ts';
import { instanceAtAnyOf } from './instance-at.ts';

const Row = z.object({
  claimed: z.boolean(),
  projectId: z.string().nullable(),
  hostId: z.string(),
  labels: z.record(z.string(), z.string()),
  own: z.array(z.string()).nullable(),
  ofProject: z.array(z.string()).nullable(),
});
const Accounts = z.array(
  z.object({
    user: z.string(),
    state: z.enum(['in_step', 'pending', 'unreachable', 'failed', 'no_user']),
    reason: z.string().nullable(),
    since: z.date(),
    checked_at: z.date().nullable(),
    present: z.array(GuestKey),
  }),
);

/** Whose keys an instance shall have, in which accounts, and what it has. @throws LongshoreError `not-found` */
export async function readGuestKeys(context: FleetContext, id: string): Promise<InstanceSshKeys> {
  const { db } = context.store;
  const found = await sql`
    SELECT i.claimed, i.project_id AS "projectId", i.host_id AS "hostId", i.labels, i.login_users AS own,
      p.login_users AS "ofProject"
    FROM instances i LEFT JOIN projects p ON p.id = i.project_id WHERE i.id = ${id}`.execute(db);
  if (found.rows[0] === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
  const row = Row.parse(found.rows[0]);
  const { rows } = await sql`
    SELECT username AS user, state, reason, since, checked_at, present FROM guest_keys
    WHERE instance_id = ${id} ORDER BY (username <> 'root'), username`.execute(db);
  const accounts = Accounts.parse(rows);
  const wanted = row.claimed ? ((await context.guestKeySource?.(db, row)) ?? []) : [];
  const users = row.own ?? row.ofProject;
  return {
    access: {
      users,
      from: row.own !== null ? 'instance' : row.ofProject !== null ? 'project' : 'default',
    },
    users: accounts.map((account) => ({
      user: account.user,
      state: account.state,
      reason: account.reason,
      since: account.since.toISOString(),
      checkedAt: account.checked_at?.toISOString() ?? null,
    })),
    keys: keysOf(wanted, accounts, users?.length === 0),
  };
}

function keysOf(
  wanted: readonly GuestKey[],
  accounts: z.infer<typeof Accounts>,
  nowhere: boolean,
): InstanceSshKeys['keys'] {
  const present = accounts.flatMap((account) => account.present);
  const all = new Map([...present, ...(nowhere ? [] : wanted)].map((key) => [key.publicKey, key]));
  return [...all.values()].map((key) => {
    const has = (keys: readonly GuestKey[]) => keys.some(({ publicKey }) => publicKey === key.publicKey);
    const places = accounts.filter((account) => has(account.present));
    const shall = !nowhere && has(wanted);
    const everywhere =
      places.length > 0 && accounts.every((each) => each.state === 'no_user' || has(each.present));
    return {
      fingerprint: key.fingerprint,
      type: key.type,
      comment: key.comment,
      person: { id: key.personId, name: key.person },
      state: shall ? (everywhere ? 'in_step' : 'pending') : 'leaving',
      users: places.map(({ user }) => user),
    };
  });
}

/** Where somebody may log in, as whoever knows people tells it. */
export type LoginPlaces = Readonly<{
  fleet: 'none' | 'projectless' | 'all';
  projects: readonly string[];
  hosts: readonly string[];
  labels: readonly string[];
}>;

/** On how many instances the keys of a person are as they shall be, not yet, and still. */
export async function countGuestKeys(
  { store }: FleetContext,
  personId: string,
  places: LoginPlaces,
): Promise<{ inStep: number; pending: number; leaving: number }> {
  const { rows } = await sql`
    WITH reached AS (
      SELECT i.id, (
        SELECT bool_or(k.state = 'in_step') AND bool_and(k.state IN ('in_step', 'no_user'))
        FROM guest_keys k WHERE k.instance_id = i.id) AS well
      FROM instances i WHERE i.claimed AND i.status NOT IN ('missing', 'pending') AND ${reachedBy(places)})
    SELECT count(*) FILTER (WHERE well)::integer AS "inStep",
      count(*) FILTER (WHERE well IS NOT TRUE)::integer AS pending,
      (SELECT count(DISTINCT k.instance_id)::integer FROM guest_keys k
        WHERE k.present @> ${JSON.stringify([{ personId }])}::jsonb
          AND k.instance_id NOT IN (SELECT id FROM reached)) AS leaving
    FROM reached`.execute(store.db);
  return z.object({ inStep: z.number(), pending: z.number(), leaving: z.number() }).parse(rows[0]);
}

function reachedBy({ fleet, projects, hosts, labels }: LoginPlaces) {
  if (fleet === 'all') return sql<SqlBool>`true`;
  const at = instanceAtAnyOf([
    ...projects.map((scope) => ({ kind: 'project', scope }) as const),
    ...hosts.map((scope) => ({ kind: 'host', scope }) as const),
    ...labels.map((scope) => ({ kind: 'label', scope }) as const),
  ]);
  return fleet === 'projectless' ? sql<SqlBool>`(i.project_id IS NULL OR ${at})` : at;
}

/** Which accounts of the instances of a project have the keys; null: root and the default user of the image. */
export async function readProjectAccess(query: Query, id: string): Promise<{ users: string[] | null }> {
  const row = await query
    .selectFrom('projects')
    .select('login_users')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new LongshoreError('not-found', `There is no project ${id}.`);
  return { users: row.login_users };
}
