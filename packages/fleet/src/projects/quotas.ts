import { LongshoreError } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import './projects-table.ts';
import { noProject } from './read-projects.ts';

type Trx = Transaction<Database>;

/** Settings of a project that bound what comes into it. */
export type LockedProject = Readonly<{
  id: string;
  name: string;
  default_lifetime_days: number | null;
  max_lifetime_days: number | null;
}>;

/**
 * Locks a project by name or identifier until the transaction ends: whoever else wants something of its quotas waits,
 * and then counts what was accepted here. It is the last lock that an intent takes before its instance's operation.
 *
 * @throws LongshoreError `not-found`
 */
export async function lockProject(trx: Trx, reference: string): Promise<LockedProject> {
  const row = await trx
    .selectFrom('projects')
    .select(['id', 'name', 'default_lifetime_days', 'max_lifetime_days'])
    .where(sql<string>`id::text`, '=', reference)
    .forUpdate()
    .executeTakeFirst();
  if (row !== undefined) return row;
  const named = await trx
    .selectFrom('projects')
    .select(['id', 'name', 'default_lifetime_days', 'max_lifetime_days'])
    .where('name', '=', reference)
    .forUpdate()
    .executeTakeFirst();
  if (named === undefined) throw noProject(reference);
  return named;
}

const Count = z.coerce.number();
const Takes = z.object({ cpu: Count.nullable(), memory: Count.nullable(), disk: Count.nullable() });
/** What an instance takes of quotas; null: it has no limit of that kind. */
export type Takes = z.infer<typeof Takes>;

/** What an instance takes now. */
export async function takesOf(trx: Trx, instanceId: string): Promise<Takes> {
  const { rows } = await sql`
    SELECT t.cpu, t.memory, t.disk FROM instances i, instance_takes(i) AS t WHERE i.id = ${instanceId}`.execute(
    trx,
  );
  return Takes.parse(rows[0]);
}

const KINDS = [
  { take: 'cpu', quota: 'cpu', limit: 'limits.cpu', unit: 'CPUs' },
  { take: 'memory', quota: 'memory', limit: 'limits.memory, as a size', unit: 'bytes of memory' },
  { take: 'disk', quota: 'disk', limit: 'a size of its root disk', unit: 'bytes of disk' },
] as const;

const Standing = Takes.extend({
  name: z.string(),
  instances: Count,
  all: z.object({ cpu: Count, memory: Count, disk: Count }),
  quota: z.object({
    instances: Count.nullable(),
    cpu: Count.nullable(),
    memory: Count.nullable(),
    disk: Count.nullable(),
  }),
});

/**
 * Refuses what a project has no room for. Called after the instance's row says what it is going to be, with the project
 * locked: so what counts is exact however many ask at once.
 *
 * @param before what the instance took of this project's quotas until now; null where it comes in
 * @throws LongshoreError `quota-exceeded`, `limit-required`
 */
export async function enforceQuota(
  trx: Trx,
  projectId: string,
  instanceId: string,
  before: Takes | null,
): Promise<void> {
  const { rows } = await sql`
    SELECT p.name, own.cpu, own.memory, own.disk, sums.instances,
      json_build_object('cpu', sums.cpu, 'memory', sums.memory, 'disk', sums.disk) AS all,
      json_build_object('instances', p.max_instances, 'cpu', p.max_cpu, 'memory', p.max_memory_bytes,
        'disk', p.max_disk_bytes) AS quota
    FROM projects p,
      LATERAL (SELECT t.* FROM instances i, instance_takes(i) AS t WHERE i.id = ${instanceId}) AS own,
      LATERAL (SELECT count(*) AS instances, coalesce(sum(t.cpu), 0) AS cpu, coalesce(sum(t.memory), 0) AS memory,
        coalesce(sum(t.disk), 0) AS disk FROM instances i, instance_takes(i) AS t WHERE i.project_id = p.id) AS sums
    WHERE p.id = ${projectId}`.execute(trx);
  const standing = Standing.parse(rows[0]);
  const { quota, all, name } = standing;
  if (before === null && quota.instances !== null && standing.instances > quota.instances) {
    throw exceeded(name, 'instances', quota.instances, standing.instances - 1, 1);
  }
  for (const kind of KINDS) {
    const limit = quota[kind.quota];
    if (limit === null) continue;
    const takes = standing[kind.take];
    const took = before === null ? 0 : before[kind.take];
    if (takes === null) {
      if (took === null) continue; // it had none before; that is no more
      throw new LongshoreError(
        'limit-required',
        `The project ${name} needs ${kind.limit} for each instance.`,
        {
          hint: 'Name the size of the instance (`limits`); the quota of the project counts it.',
        },
      );
    }
    const more = takes - (took ?? 0);
    if (more > 0 && all[kind.take] > limit) {
      throw exceeded(name, kind.unit, limit, all[kind.take] - more, more);
    }
  }
}

function exceeded(name: string, unit: string, limit: number, used: number, wanted: number): LongshoreError {
  return new LongshoreError(
    'quota-exceeded',
    `The project ${name} may have ${limit} ${unit}; it has ${used}, and this wants ${wanted} more.`,
    { hint: 'Make something smaller or delete it, or ask an administrator for a larger quota.' },
  );
}
