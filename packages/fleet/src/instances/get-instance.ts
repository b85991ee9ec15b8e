import { Instance, LongshoreError } from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { allOf } from '../lists/filter-sql.ts';
import { type Reach, reachesInstance } from '../lists/reach.ts';
import './instances-table.ts';

/** @throws LongshoreError `not-found` */
export function getInstance(context: FleetContext, id: string): Promise<Instance> {
  return readInstance(context.store.db, id);
}

/** Whether somebody may see, or change, an instance. */
export async function isInstanceWithin(context: FleetContext, id: string, reach: Reach): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM instances i WHERE i.id = ${id} AND ${allOf(reachesInstance(reach))}`.execute(
    context.store.db,
  );
  return rows.length > 0;
}

/** An instance whole, as the database has it. @throws LongshoreError `not-found` */
export async function readInstance(query: Query, id: string): Promise<Instance> {
  const { rows } = await sql<{ instance: unknown }>`
    SELECT i.summary::jsonb || jsonb_build_object(
      'host', json_build_object(
        'id', h.id, 'name', h.name, 'status', h.status, 'observedAt', rfc3339(h.observed_at)),
      'description', i.description, 'architecture', i.architecture, 'ephemeral', i.ephemeral, 'profiles', i.profiles,
      'config', i.config, 'devices', i.devices, 'addresses', i.addresses, 'snapshots', i.snapshots,
      'placementReason', i.placement_reason, 'missingSince', rfc3339(i.missing_since), 'revision', i.revision
    ) AS instance
    FROM instances i JOIN hosts h ON h.id = i.host_id WHERE i.id = ${id}`.execute(query);
  const row = rows[0];
  if (row === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
  return Instance.parse(row.instance);
}
