import { DnsRecord, LongshoreError } from '@longshore/contract';
import { type Query, type RawBuilder, sql } from '@longshore/store';
import { z } from 'zod';
import { typeName } from '../wire/record-types.ts';

const Row = z.object({
  id: z.string(),
  zone_id: z.string(),
  owner: z.string(),
  zone: z.string(),
  type: z.number(),
  ttl: z.number().nullable(),
  value: z.string(),
  published: z.boolean(),
  created_at: z.date(),
  created_by: z.string(),
  revision: z.number(),
});

async function read(query: Query, where: RawBuilder<unknown>): Promise<DnsRecord[]> {
  const { rows } = await sql`
    SELECT r.id::text, r.zone_id::text, r.owner, z.name AS zone, r.type, r.ttl, r.value,
      EXISTS (SELECT FROM dns_published p WHERE p.source_id = r.id) AS published, r.created_at, r.created_by, r.revision
    FROM dns_records r JOIN dns_zones z ON z.id = r.zone_id WHERE ${where}
    ORDER BY r.owner, r.type, r.value`.execute(query);
  return z.array(Row).parse(rows).map(recordOf);
}

function recordOf(row: z.infer<typeof Row>): DnsRecord {
  return DnsRecord.parse({
    id: row.id,
    zoneId: row.zone_id,
    name: row.owner === '' ? '@' : row.owner,
    fullName: row.owner === '' ? row.zone : `${row.owner}.${row.zone}`,
    type: typeName(row.type),
    ttlSeconds: row.ttl,
    value: row.value,
    published: row.published,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    revision: row.revision,
  });
}

/** What people wrote into a zone, by name. */
export function listRecords(query: Query, zoneId: string): Promise<DnsRecord[]> {
  return read(query, sql`r.zone_id = ${zoneId}::uuid`);
}

/** One record of a zone. @throws LongshoreError `not-found` */
export async function readRecord(query: Query, zoneId: string, id: string): Promise<DnsRecord> {
  const [record] = await read(query, sql`r.zone_id = ${zoneId}::uuid AND r.id = ${id}::uuid`);
  if (record === undefined) {
    throw new LongshoreError('not-found', `The zone has no record ${id}.`, { hint: 'List its records.' });
  }
  return record;
}
