import { LongshoreError } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import './instances-table.ts';

/** The name that an instance is to have. */
export type NameRequest = Readonly<{
  name: string;
  lxdProject: string;
  /** The host where it will be; what stands there unclaimed has its name, too. */
  hostId: string;
  /** The instance that the name is for, where it exists already. */
  instanceId?: string | undefined;
}>;

/**
 * Makes sure that a name is free, and keeps it so until the transaction ends: one claimed instance in the fleet has
 * it (whatever the case, for names become DNS names), in each LXD project. No unique index does this, since hosts
 * may rename behind our back and must not be able to stop their sync by that. Names that unfinished renames are
 * about to take count as taken.
 *
 * @throws LongshoreError `name-taken`
 */
export async function reserveName(trx: Transaction<Database>, request: NameRequest): Promise<void> {
  const { name, lxdProject, hostId, instanceId = null } = request;
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`name ${lxdProject}\n${name.toLowerCase()}`}, 0))`.execute(
    trx,
  );
  const { rows } = await sql<{ holder: string }>`
    SELECT CASE WHEN i.claimed THEN 'An instance' ELSE 'An unclaimed instance' END || ' of that name is on host ' || h.name
      AS holder
    FROM instances i JOIN hosts h ON h.id = i.host_id
    WHERE lower(i.name) = lower(${name}) AND i.lxd_project = ${lxdProject}
      AND i.id IS DISTINCT FROM ${instanceId}::uuid
      AND (i.claimed OR (i.host_id = ${hostId} AND i.name = ${name} AND i.status <> 'missing'))
    UNION ALL
    SELECT 'The instance ' || o.target_name || ' is being renamed to it' FROM operations o
    WHERE o.status IN ('queued', 'running', 'cancelling') AND o.action = 'instance.rename'
      AND lower(o.input ->> 'name') = lower(${name}) AND o.input ->> 'lxdProject' = ${lxdProject}
      AND o.target_id IS DISTINCT FROM ${instanceId}
    LIMIT 1`.execute(trx);
  const holder = rows[0]?.holder;
  if (holder === undefined) return;
  throw new LongshoreError('name-taken', `The name ${name} is taken. ${holder}.`, {
    hint: 'Choose another name; names are unique in the whole fleet.',
  });
}
