import { DnsZone, LongshoreError } from '@longshore/contract';
import type { Reach } from '@longshore/fleet';
import { type Query, type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import '../dns-tables.ts';

const shown = sql`json_build_object(
  'id', z.id, 'name', z.name, 'prefix', z.prefix, 'parentId', z.parent_id, 'projectId', z.project_id,
  'ttlSeconds', z.ttl, 'visible', z.visible, 'networks', z.networks, 'keepStopped', z.keep_stopped,
  'nameServers', z.name_servers, 'contact', z.contact, 'secondaries', z.secondaries, 'serial', coalesce((SELECT s.serial FROM dns_serials s WHERE s.zone_id = z.id), 1),
  'records', (SELECT count(*) FROM dns_published p WHERE p.zone_id = z.id),
  'createdAt', rfc3339(z.created_at), 'createdBy', z.created_by, 'revision', z.revision) AS zone`;

const Row = z.object({ zone: DnsZone });

/** All zones that somebody may see, by name. Those of the fleet itself are for roles on the fleet. */
export async function listZones(query: Query, reach: Reach): Promise<DnsZone[]> {
  const within =
    reach === 'all' ? sql<SqlBool>`true` : sql<SqlBool>`z.project_id = ANY (${[...reach.projects]}::uuid[])`;
  const { rows } = await sql`SELECT ${shown} FROM dns_zones z WHERE ${within} ORDER BY z.name`.execute(query);
  return z
    .array(Row)
    .parse(rows)
    .map(({ zone }) => zone);
}

/** A zone by name or identifier. @throws LongshoreError `not-found` */
export async function readZone(query: Query, reference: string): Promise<DnsZone> {
  const { rows } = await sql`SELECT ${shown} FROM dns_zones z WHERE ${named(reference)}`.execute(query);
  const [row] = z.array(Row).parse(rows);
  if (row === undefined) throw noZone(reference);
  return row.zone;
}

/** Identifier and project of a zone by name or identifier, or null where there is none. */
export async function findZone(
  query: Query,
  reference: string,
): Promise<Readonly<{ id: string; projectId: string | null }> | null> {
  const { rows } = await sql<{ id: string; project_id: string | null }>`
    SELECT z.id, z.project_id FROM dns_zones z WHERE ${named(reference)}`.execute(query);
  const [row] = rows;
  return row === undefined ? null : { id: row.id, projectId: row.project_id };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function named(reference: string): RawBuilder<SqlBool> {
  return UUID.test(reference)
    ? sql<SqlBool>`z.id = ${reference}::uuid`
    : sql<SqlBool>`z.name = ${reference.toLowerCase().replace(/\.$/, '').replaceAll('\0', '')}`;
}

/** What is not there, or what who asks may not see. */
export function noZone(reference: string): LongshoreError {
  return new LongshoreError('not-found', `There is no zone ${reference}.`, {
    hint: 'List the zones to see which there are.',
  });
}
