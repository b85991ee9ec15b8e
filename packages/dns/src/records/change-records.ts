import { randomUUID } from 'node:crypto';
import {
  type DnsRecord,
  type DnsRecordCreation,
  type DnsRecordPatch,
  type DnsRecordType,
  LongshoreError,
} from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import '../dns-tables.ts';
import { nameToWire } from '../wire/domain-name.ts';
import { RECORD_TYPES } from '../wire/record-types.ts';
import { noZone } from '../zones/read-zones.ts';
import { readRecord } from './read-records.ts';
import { readRecordData } from './record-data.ts';

type Trx = Transaction<Database>;

/** A set has to fit one answer; nobody needs so many. */
const MOST_OF_A_NAME = 100;
/** Of one zone: more belongs onto a name server of one's own, below a delegation. */
const MOST_OF_A_ZONE = 20_000;

/**
 * Writes a record into a zone.
 *
 * @throws LongshoreError `bad-request` (the value, at its field), `conflict` (beside or as a CNAME, at or below the zone of a
 *   project, too many), `name-taken` (it is there already)
 */
export async function createRecord(
  trx: Trx,
  zoneId: string,
  creation: DnsRecordCreation,
  createdBy: string,
): Promise<DnsRecord> {
  const zone = await lockZone(trx, zoneId);
  const owner = creation.name === '@' ? '' : creation.name;
  const full = owner === '' ? zone.name : `${owner}.${zone.name}`;
  if (full.length > 253) {
    throw new LongshoreError('bad-request', `The name ${owner} is too long for the zone ${zone.name}.`, {
      fields: [{ path: 'name', message: 'the whole name may have 253 characters' }],
    });
  }
  nameToWire(full);
  const { rdata, value } = readRecordData(creation.type, creation.value);
  await refuseConflict(
    trx,
    { id: zoneId, name: zone.name, isReverse: zone.prefix !== null },
    owner,
    creation.type,
  );
  const id = randomUUID();
  const made = await trx
    .insertInto('dns_records')
    .values({
      id,
      zone_id: zoneId,
      owner,
      type: RECORD_TYPES[creation.type],
      ttl: creation.ttlSeconds,
      value,
      rdata,
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.columns(['zone_id', 'owner', 'type', 'rdata']).doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) throw recordTaken(full, creation.type);
  return readRecord(trx, zoneId, id);
}

/** Changes a record. @throws LongshoreError `not-found`, `bad-request`, `name-taken` */
export async function updateRecord(
  trx: Trx,
  input: Readonly<{ zoneId: string; id: string; patch: DnsRecordPatch }>,
): Promise<DnsRecord> {
  const { zoneId, id, patch } = input;
  await lockZone(trx, zoneId);
  const before = await readRecord(trx, zoneId, id);
  if (patch.value !== undefined) {
    const { rdata, value } = readRecordData(before.type, patch.value);
    const same = await trx
      .selectFrom('dns_records')
      .select('id')
      .where('zone_id', '=', zoneId)
      .where('owner', '=', before.name === '@' ? '' : before.name)
      .where('type', '=', RECORD_TYPES[before.type])
      .where('rdata', '=', rdata)
      .where('id', '<>', id)
      .executeTakeFirst();
    if (same !== undefined) throw recordTaken(before.fullName, before.type);
    await trx.updateTable('dns_records').set({ rdata, value }).where('id', '=', id).execute();
  }
  await trx
    .updateTable('dns_records')
    .set({
      revision: sql<number>`revision + 1`,
      ...(patch.ttlSeconds === undefined ? {} : { ttl: patch.ttlSeconds }),
    })
    .where('id', '=', id)
    .execute();
  return readRecord(trx, zoneId, id);
}

/** Takes a record out of a zone. @throws LongshoreError `not-found` */
export async function deleteRecord(trx: Trx, zoneId: string, id: string): Promise<DnsRecord> {
  await lockZone(trx, zoneId);
  const record = await readRecord(trx, zoneId, id);
  await trx.deleteFrom('dns_records').where('id', '=', id).execute();
  return record;
}

/** Changes of one zone's records come one after the other: each looks at what the others wrote. */
async function lockZone(trx: Trx, id: string) {
  const row = await trx
    .selectFrom('dns_zones')
    .select(['name', 'prefix'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noZone(id);
  return row;
}

async function refuseConflict(
  trx: Trx,
  zone: Readonly<{ id: string; name: string; isReverse: boolean }>,
  owner: string,
  type: DnsRecordType,
): Promise<void> {
  const full = owner === '' ? zone.name : `${owner}.${zone.name}`;
  if (owner === '' && (type === 'CNAME' || type === 'NS')) {
    throw new LongshoreError('conflict', `The zone ${zone.name} itself cannot have a ${type} record.`, {
      hint:
        type === 'NS'
          ? 'Its name servers are a setting of the zone.'
          : 'Use A and AAAA, or HTTPS with priority 0.',
    });
  }
  const { rows } = await sql<{ type: number; mine: boolean; in_all: number; below: string | null }>`
    SELECT coalesce(max(r.type) FILTER (WHERE r.owner = ${owner} AND r.type = 5), 0) AS type,
      coalesce(bool_or(r.owner = ${owner}), false) AS mine, count(*)::integer AS in_all,
      (SELECT c.name FROM dns_zones c WHERE c.parent_id = ${zone.id}::uuid
        AND (c.name = ${full} OR right(${full}::text, length(c.name) + 1) = '.' || c.name)) AS below
    FROM dns_records r WHERE r.zone_id = ${zone.id}::uuid`.execute(trx);
  const [found] = rows;
  if (found === undefined) return;
  if (found.below !== null) {
    throw new LongshoreError('conflict', `${full} belongs to the zone ${found.below} of a project.`, {
      hint: 'Write the record into that zone.',
    });
  }
  if (found.type === 5 || (type === 'CNAME' && found.mine)) {
    throw new LongshoreError('conflict', `At ${full} a CNAME would stand beside other records.`, {
      hint: 'A CNAME stands alone at its name (RFC 1034, 3.6.2): take the others away first.',
    });
  }
  if (found.in_all >= MOST_OF_A_ZONE) {
    throw new LongshoreError('conflict', `The zone ${zone.name} has ${MOST_OF_A_ZONE} records already.`);
  }
  const { rows: here } = await sql<{ n: number }>`
    SELECT count(*)::integer AS n FROM dns_records WHERE zone_id = ${zone.id}::uuid AND owner = ${owner}`.execute(
    trx,
  );
  if ((here[0]?.n ?? 0) >= MOST_OF_A_NAME) {
    throw new LongshoreError('conflict', `${full} has ${MOST_OF_A_NAME} records already.`);
  }
}

function recordTaken(name: string, type: DnsRecordType): LongshoreError {
  return new LongshoreError('name-taken', `${name} has this ${type} record already.`, {
    hint: 'Change that one.',
  });
}
