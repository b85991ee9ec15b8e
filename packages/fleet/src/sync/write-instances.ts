import {
  type Database,
  type Query,
  type RawBuilder,
  type Store,
  sql,
  type Transaction,
} from '@longshore/store';
import { z } from 'zod';
import { databaseJson, type InstanceObservation } from './instance-observation.ts';
import {
  becomesMissing,
  type Departure,
  type KnownInstance,
  type Matching,
  matchInstances,
} from './match-instances.ts';
import type { Fence } from './write-host.ts';

/** The outcome of a read of a host's instances: all of them, or one place. */
export type InstancesRead = {
  readonly hostId: string;
  /** From {@link nextObservation}, taken before the host was asked. */
  readonly observation: number;
  readonly seen: readonly InstanceObservation[];
  /** `all`: what is not in `seen` is gone, but for the unreadable ones. Otherwise only that place was looked at. */
  readonly scope:
    | { readonly kind: 'all'; readonly unreadable: readonly { lxdProject: string; name: string }[] }
    | { readonly kind: 'one'; readonly lxdProject: string; readonly name: string };
  readonly settlesPending: boolean;
  /** Set by a session: nothing is written when another process has the host. */
  readonly fence?: Fence | undefined;
};

/** How many rows a read changed; all zero for most reads. */
export type InstancesWritten = {
  readonly adopted: number;
  readonly changed: number;
  readonly missing: number;
};

/** The number of a read that begins now: larger than that of every read that began before, in any process. */
export async function nextObservation(store: Store): Promise<number> {
  const reply = await sql<{ n: number }>`SELECT nextval('observations') AS n`.execute(store.db);
  return z.object({ n: z.coerce.number() }).parse(reply.rows[0]).n;
}

/**
 * Writes what a read saw: observed columns only, and only where they differ. In one transaction, in which writers of one
 * host wait for each other, so that each sees the rows of the other; or in one statement, where that says it all.
 * @throws StoreError `lease_lost`
 */
export async function writeInstances(store: Store, read: InstancesRead): Promise<InstancesWritten> {
  return (await writeInPlace(store, read)) ?? writeTogether(store, read);
}

/**
 * Most reads are of one instance whose row is where it was: one row, one statement, no lock. Undefined where there is
 * more to it. It saves four of seven round trips of what happens fifty times a second in a large fleet.
 */
async function writeInPlace(store: Store, read: InstancesRead): Promise<InstancesWritten | undefined> {
  const { scope } = read;
  if (scope.kind === 'all' || read.seen.length !== 1) return undefined;
  const known = await knownInstances(store.db, read);
  const { updates, adoptions, unseen } = matchInstances({ ...read, known, departures: [] });
  const [update] = updates;
  if (update === undefined || adoptions.length > 0 || unseen.some((row) => becomesMissing(row, read)))
    return undefined;
  const row = known.find(({ id }) => id === update.id);
  const isInPlace =
    row !== undefined &&
    row.hostId === read.hostId &&
    row.status !== 'missing' &&
    row.lxdProject === update.seen.lxd_project &&
    row.name === update.seen.name;
  if (!isInPlace) return undefined;
  const changed = await updateRows(
    store.db,
    read,
    updates,
    sql`i.status <> 'missing' AND i.name = o.name
    AND i.lxd_project = o.lxd_project AND ${stillOurs(read)}`,
  );
  return { adopted: 0, changed, missing: 0 };
}

function stillOurs({ hostId, fence }: InstancesRead) {
  if (fence === undefined) return sql`true`;
  return sql`EXISTS (SELECT FROM store_leases WHERE kind = 'host' AND key = ${hostId} AND fence = ${fence.number})`;
}

async function writeTogether(store: Store, read: InstancesRead): Promise<InstancesWritten> {
  return store.transaction(async (trx) => {
    await read.fence?.check(trx);
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`instances of ${read.hostId}`}, 0))`.execute(
      trx,
    );
    const known = await knownInstances(trx, read);
    const matching = await match(trx, read, known);
    const missingIds = gone(read, matching);
    const missing = await markMissing(trx, read, missingIds);
    const changed = await updateSeen(
      trx,
      read,
      withoutClashes(read, matching.updates, known, missingIds),
      known,
    );
    const adopted = await adopt(trx, read, matching.adoptions);
    return { adopted, changed, missing };
  });
}

function gone(read: InstancesRead, matching: Matching): string[] {
  const { scope } = read;
  const looked = (row: KnownInstance): boolean =>
    scope.kind === 'one'
      ? row.lxdProject === scope.lxdProject && row.name === scope.name
      : !scope.unreadable.some((one) => one.lxdProject === row.lxdProject && one.name === row.name);
  return matching.unseen.filter((row) => looked(row) && becomesMissing(row, read)).map((row) => row.id);
}

/** Most reads adopt nothing; only what would be adopted needs a look at what left that place. */
async function match(
  trx: Transaction<Database>,
  read: InstancesRead,
  known: readonly KnownInstance[],
): Promise<Matching> {
  const first = matchInstances({ ...read, known, departures: [] });
  if (first.adoptions.length === 0) return first;
  return matchInstances({ ...read, known, departures: await departuresFrom(trx, read.hostId) });
}

/**
 * Leaves out what was renamed to a name that another row keeps: an instance being made, or one that a newer read
 * wrote. The next read settles it.
 */
function withoutClashes(
  read: InstancesRead,
  updates: Matching['updates'],
  known: readonly KnownInstance[],
  missingIds: readonly string[],
): Matching['updates'] {
  const leaving = new Set([...missingIds, ...updates.map(({ id }) => id)]);
  const kept = new Set(
    known
      .filter((row) => row.hostId === read.hostId && row.status !== 'missing' && !leaving.has(row.id))
      .map((row) => `${row.lxdProject}\n${row.name}`),
  );
  return updates.filter(({ seen }) => !kept.has(`${seen.lxd_project}\n${seen.name}`));
}

const KnownRow = z.object({
  id: z.string(),
  host_id: z.string(),
  lxd_project: z.string(),
  name: z.string(),
  host_uuid: z.string().nullable(),
  status: z.enum([
    'pending',
    'running',
    'stopped',
    'frozen',
    'starting',
    'stopping',
    'error',
    'unknown',
    'missing',
  ]),
  observation: z.coerce.number(),
  busy: z.boolean(),
});

async function knownInstances(query: Query, read: InstancesRead): Promise<KnownInstance[]> {
  const marks = read.seen.flatMap((seen) => seen.mark ?? []);
  const uuids = read.seen.flatMap((seen) => seen.host_uuid ?? []);
  const { scope } = read;
  const wanted =
    scope.kind === 'all'
      ? sql`host_id = ${read.hostId}`
      : sql`host_id = ${read.hostId} AND ((lxd_project = ${scope.lxdProject} AND name = ${scope.name})
              OR host_uuid = ANY(${uuids}))`;
  const reply = await sql`
    SELECT id, host_id, lxd_project, name, host_uuid, status, observation, operation_id IS NOT NULL AS busy
    FROM instances WHERE (${wanted}) OR id = ANY(${marks}::uuid[])`.execute(query);
  return z
    .array(KnownRow)
    .parse(reply.rows)
    .map((row) => ({
      id: row.id,
      hostId: row.host_id,
      lxdProject: row.lxd_project,
      name: row.name,
      hostUuid: row.host_uuid,
      status: row.status,
      observation: row.observation,
      busy: row.busy,
    }));
}

const DepartureRow = z.object({
  lxd_project: z.string(),
  name: z.string(),
  observation: z.coerce.number(),
  unfinished: z.boolean(),
});

async function departuresFrom(trx: Transaction<Database>, hostId: string): Promise<Departure[]> {
  const reply = await sql`
    SELECT d.lxd_project, d.name, d.observation, coalesce(i.operation_id IS NOT NULL, false) AS unfinished
    FROM instance_departures d LEFT JOIN instances i ON i.id = d.instance_id WHERE d.host_id = ${hostId}
    UNION ALL -- halves of moves that are still to be taken away; last, so that they count
    SELECT lxd_project, name, 0, true FROM move_leftovers WHERE host_id = ${hostId}`.execute(trx);
  return z
    .array(DepartureRow)
    .parse(reply.rows)
    .map((row) => ({
      lxdProject: row.lxd_project,
      name: row.name,
      observation: row.observation,
      unfinished: row.unfinished,
    }));
}

async function markMissing(trx: Transaction<Database>, read: InstancesRead, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const reply = await sql`
    UPDATE instances SET status = 'missing', missing_since = now(), observation = ${read.observation}
    WHERE id = ANY(${ids}::uuid[]) AND status NOT IN ('missing', 'pending') AND observation < ${read.observation}
      AND (operation_id IS NULL OR ${read.settlesPending})`.execute(trx);
  return Number(reply.numAffectedRows ?? 0);
}

/** The observed columns, in the shape that jsonb_to_recordset gives. */
const RECORD = sql`(id uuid, lxd_project text, name text, type text, status text, description text, architecture text,
  ephemeral boolean, profiles jsonb, config jsonb, devices jsonb, image text, host_uuid text, addresses jsonb,
  snapshots jsonb, created_at timestamptz, last_used_at timestamptz)`;
const COLUMNS = [
  'lxd_project',
  'name',
  'type',
  'status',
  'description',
  'architecture',
  'ephemeral',
  'profiles',
  'config',
  'devices',
  'image',
  'host_uuid',
  'addresses',
  'snapshots',
  'created_at',
  'last_used_at',
] as const;
const assignments = sql.join(COLUMNS.map((column) => sql`${sql.ref(column)} = o.${sql.ref(column)}`));
const ofRow = sql.join(COLUMNS.map((column) => sql`i.${sql.ref(column)}`));
const ofRead = sql.join(COLUMNS.map((column) => sql`o.${sql.ref(column)}`));

async function updateSeen(
  trx: Transaction<Database>,
  read: InstancesRead,
  updates: Matching['updates'],
  known: readonly KnownInstance[],
): Promise<number> {
  if (updates.length === 0) return 0;
  await clearNames(trx, updates, known);
  return updateRows(trx, read, updates, sql`true`);
}

async function updateRows(
  query: Query,
  read: InstancesRead,
  updates: Matching['updates'],
  condition: RawBuilder<unknown>,
): Promise<number> {
  const records = databaseJson(updates.map(({ id, seen }) => ({ id, ...seen })));
  const differs = sql`(i.host_id <> ${read.hostId} OR ROW(${ofRow}) IS DISTINCT FROM ROW(${ofRead}))`;
  // A read of one that found nothing new is still the newest: a slower one that began before must not undo it.
  const worthWriting = read.scope.kind === 'one' ? sql`true` : differs;
  const reply = await sql`
    UPDATE instances i SET ${assignments}, host_id = ${read.hostId}, missing_since = NULL,
      observed_at = CASE WHEN ${differs} THEN now() ELSE i.observed_at END,
      observation = greatest(i.observation, ${read.observation})
    FROM jsonb_to_recordset(${records}::jsonb) AS o${RECORD}
    WHERE i.id = o.id AND (i.host_id = ${read.hostId} OR i.status = 'missing') AND ${worthWriting}
      AND (i.observation < ${read.observation}
        OR i.status = 'missing' AND (i.lxd_project, i.name) <> (o.lxd_project, o.name))
      AND ${condition}`.execute(query);
  return Number(reply.numAffectedRows ?? 0);
}

/**
 * Two instances that swapped names would stand in each other's way, as unique indexes look at each row by itself: rows
 * about to be renamed to a name that another one of them still has step aside first.
 */
async function clearNames(
  trx: Transaction<Database>,
  updates: Matching['updates'],
  known: readonly KnownInstance[],
): Promise<void> {
  const rows = new Map(known.map((row) => [row.id, row]));
  const renamed = updates.filter(({ id, seen }) => {
    const row = rows.get(id);
    return row !== undefined && (row.name !== seen.name || row.lxdProject !== seen.lxd_project);
  });
  if (renamed.length < 2) return;
  const ids = renamed.map(({ id }) => id);
  await sql`UPDATE instances SET name = 'renamed-' || id::text WHERE id = ANY(${ids}::uuid[])`.execute(trx);
}

async function adopt(
  trx: Transaction<Database>,
  read: InstancesRead,
  adoptions: readonly InstanceObservation[],
): Promise<number> {
  if (adoptions.length === 0) return 0;
  const columns = sql.join(COLUMNS.map((column) => sql.ref(column)));
  const reply = await sql`
    INSERT INTO instances (id, host_id, claimed, observed_at, observation, ${columns})
    SELECT gen_random_uuid(), ${read.hostId}, false, now(), ${read.observation}, ${ofRead}
    FROM jsonb_to_recordset(${databaseJson(adoptions)}::jsonb) AS o${RECORD}
    ON CONFLICT (host_id, lxd_project, name) WHERE status <> 'missing' DO NOTHING`.execute(trx);
  return Number(reply.numAffectedRows ?? 0);
}
