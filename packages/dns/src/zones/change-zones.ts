import { randomUUID } from 'node:crypto';
import { type DnsZone, type DnsZoneCreation, type DnsZonePatch, LongshoreError } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import '../dns-tables.ts';
import { noZone, readZone } from './read-zones.ts';
import { reverseZoneName } from './reverse-zone-name.ts';

type Trx = Transaction<Database>;

/**
 * Makes a zone, and one below it for each project.
 * @throws LongshoreError `name-taken`, `bad-request` (no such reverse zone, or below one of ours)
 */
export async function createZone(trx: Trx, creation: DnsZoneCreation, createdBy: string): Promise<DnsZone> {
  const isReverse = creation.name.includes('/');
  const name = isReverse ? reverseZoneName(creation.name) : creation.name;
  const prefix = isReverse ? creation.name : null;
  await refuseBetween(trx, name, isReverse);
  const id = randomUUID();
  const { rows } = await sql<{ id: string }>`
    INSERT INTO dns_zones (id, name, prefix, ttl, visible, networks, keep_stopped, name_servers, contact, secondaries, created_by)
    VALUES (${id}, ${name}, network(${prefix}::inet), ${creation.ttlSeconds}, ${creation.visible},
      ${networksOf(creation.networks)}, ${creation.keepStopped}, ${[...creation.nameServers]}::text[],
      ${creation.contact ?? `hostmaster@${isReverse ? (creation.nameServers[0] ?? name) : name}`}, ${[...creation.secondaries]}::text[], ${createdBy})
    ON CONFLICT (name) DO NOTHING RETURNING id`.execute(trx);
  if (rows.length === 0) {
    throw zoneTaken(name);
  }
  if (!isReverse) {
    await sql`SELECT dns_add_project_zone(z, p.id, p.name) FROM dns_zones z, projects p WHERE z.id = ${id}`.execute(
      trx,
    );
  }
  return readZone(trx, id);
}

function zoneTaken(name: string): LongshoreError {
  return new LongshoreError('name-taken', `There is a zone ${name} already.`, { hint: 'Change that one.' });
}

/** Names below a zone belong to it; a zone in between would take them away unseen. */
async function refuseBetween(trx: Trx, name: string, isReverse: boolean): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM dns_zones
    WHERE name = ${name} OR (${!isReverse} AND prefix IS NULL
      AND (right(${name}::text, length(name) + 1) = '.' || name OR right(name, ${name.length + 1}) = ${`.${name}`}))
    ORDER BY length(name) LIMIT 1`.execute(trx);
  const [row] = rows;
  if (row === undefined) return;
  if (row.name === name) throw zoneTaken(name);
  throw new LongshoreError('conflict', `${name} and the zone ${row.name} lie one in the other.`, {
    hint: 'Zones below one of the fleet’s are those of its projects: make a project.',
  });
}

/**
 * Changes the settings of a zone, and of those of projects below it.
 *
 * @param input.revision the one that the person saw; null for any
 * @throws LongshoreError `not-found`, `precondition-failed`, `conflict` (it is a project's)
 */
export async function updateZone(
  trx: Trx,
  input: Readonly<{ id: string; patch: DnsZonePatch; revision: number | null }>,
): Promise<DnsZone> {
  const { id, patch } = input;
  const row = await lockZone(trx, id);
  if (input.revision !== null && input.revision !== row.revision) {
    throw new LongshoreError('precondition-failed', `The zone ${row.name} was changed meanwhile.`, {
      hint: 'Read it again, and repeat the change on what it is now.',
    });
  }
  refuseProjectZone(row);
  await sql`
    UPDATE dns_zones SET revision = revision + 1,
      ttl = coalesce(${patch.ttlSeconds ?? null}, ttl), visible = coalesce(${patch.visible ?? null}, visible),
      networks = coalesce(${patch.networks === undefined ? null : networksOf(patch.networks)}, networks),
      keep_stopped = coalesce(${patch.keepStopped ?? null}, keep_stopped),
      name_servers = coalesce(${patch.nameServers === undefined ? null : [...patch.nameServers]}::text[], name_servers),
      contact = coalesce(${patch.contact ?? null}, contact),
      secondaries = coalesce(${patch.secondaries === undefined ? null : [...patch.secondaries]}::text[], secondaries)
    WHERE id = ${id} OR parent_id = ${id}`.execute(trx);
  return readZone(trx, id);
}

/** Stops to answer for a zone. @throws LongshoreError `not-found`, `conflict` (it is a project's) */
export async function deleteZone(trx: Trx, id: string): Promise<Readonly<{ id: string; name: string }>> {
  const row = await lockZone(trx, id);
  refuseProjectZone(row);
  await trx.deleteFrom('dns_zones').where('id', '=', id).execute();
  return { id, name: row.name };
}

async function lockZone(trx: Trx, id: string) {
  const row = await trx
    .selectFrom('dns_zones')
    .select(['name', 'revision', 'parent_id'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noZone(id);
  return row;
}

function refuseProjectZone(row: Readonly<{ name: string; parent_id: string | null }>): void {
  if (row.parent_id === null) return;
  throw new LongshoreError('conflict', `${row.name} is the zone of a project.`, {
    hint: 'Its settings are those of the zone above it; it goes with its project.',
  });
}

/** Networks as PostgreSQL takes them: without bits behind the mask. */
function networksOf(networks: readonly string[]) {
  return sql`ARRAY(SELECT network(n::inet) FROM unnest(${[...networks]}::text[]) AS n)::cidr[]`;
}
