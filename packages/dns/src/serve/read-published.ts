import { type Database, type Query, type Store, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import { isSendable, nameToWire } from '../wire/domain-name.ts';
import { RECORD_TYPES } from '../wire/record-types.ts';
import { mailboxOf, recordBytes, soaData } from './responder.ts';
import type { RecordSet, ServedZone } from './zone-table.ts';

/** How far a reader is. */
export type ReadPosition = Readonly<{
  /** The last change that was read. */
  seq: number;
  /** Differs whenever a zone has come, gone or changed: change numbers are never given twice. */
  zonesVersion: string;
}>;

const State = z.object({ seq: z.number(), zones_version: z.string(), pruned_seq: z.number() });

/** Where a reader that reads everything now would stand. */
export async function readState(
  query: Query,
): Promise<Readonly<{ position: ReadPosition; prunedSeq: number }>> {
  const { rows } = await sql`
    SELECT coalesce((SELECT max(seq) FROM dns_changes), s.pruned_seq) AS seq, s.pruned_seq,
      (SELECT count(*) || '-' || coalesce(sum(changed), 0) FROM dns_zones) AS zones_version
    FROM dns_state s`.execute(query);
  const [state] = z.array(State).parse(rows);
  if (state === undefined) throw new Error('the table dns_state has lost its row');
  return {
    position: { seq: state.seq, zonesVersion: state.zones_version },
    prunedSeq: state.pruned_seq,
  };
}

const ZoneRow = z.object({
  id: z.string(),
  name: z.string(),
  serial: z.number(),
  ttl: z.number(),
  name_servers: z.array(z.string()),
  contact: z.string(),
});

const ZONE_COLUMNS = sql`z.id::text, z.name, coalesce(s.serial, 1) AS serial, z.ttl, z.name_servers, z.contact`;
const ZONES = sql`dns_zones z LEFT JOIN dns_serials s ON s.zone_id = z.id`;

/** All zones, as they are served. */
export async function readServedZones(query: Query): Promise<readonly ServedZone[]> {
  const { rows } = await sql`
    SELECT ${ZONE_COLUMNS} FROM ${ZONES}`.execute(query);
  return z.array(ZoneRow).parse(rows).flatMap(servedZone);
}

/** None for a zone whose name or contact cannot go over the wire: it does not keep the others from being served. */
function servedZone(row: z.infer<typeof ZoneRow>): readonly ServedZone[] {
  if (!isSendable(row.name) || !isSendable(mailboxOf(row.contact))) return [];
  const data = soaData({
    primary: row.name_servers[0] ?? row.name,
    contact: row.contact,
    serial: row.serial,
    ttlSeconds: row.ttl,
  });
  return [
    {
      id: row.id,
      apex: nameToWire(row.name),
      name: row.name,
      serial: row.serial,
      // Behind its owner.
      soa: recordBytes(RECORD_TYPES.SOA, row.ttl, data).subarray(2),
    },
  ];
}

/** A name with all its records. */
export type PublishedName = Readonly<{ zoneId: string; owner: string; sets: readonly RecordSet[] }>;

const NameRow = z.object({
  zone_id: z.string(),
  owner: z.string(),
  records: z.instanceof(Buffer).nullable(),
});

/** Type, TTL, length and data of each record, in the order of types. */
const PACKED = sql`string_agg(int2send(p.type::smallint) || int4send(p.ttl) || int2send(length(p.rdata)::smallint) || p.rdata,
  ''::bytea ORDER BY p.type, p.id)`;

const BATCH = 5000;

/** All names of one zone, in batches. By a cursor: pages would sort all of 100,000 names for each. */
export async function* readZoneNames(
  trx: Transaction<Database>,
  zoneId: string,
): AsyncGenerator<readonly PublishedName[]> {
  await sql`
    DECLARE dns_names NO SCROLL CURSOR FOR
    SELECT p.zone_id::text, p.owner, ${PACKED} AS records FROM dns_published p
    WHERE p.zone_id = ${sql.lit(zoneId)}::uuid GROUP BY p.zone_id, p.owner`.execute(trx);
  for (;;) {
    const { rows } = await sql`FETCH ${sql.lit(BATCH)} FROM dns_names`.execute(trx);
    const names = z.array(NameRow).parse(rows).map(publishedName);
    if (names.length > 0) yield names;
    if (names.length < BATCH) break;
  }
  await sql`CLOSE dns_names`.execute(trx);
}

/** The names that were changed after a position, up to another one, as they are now; those without records are gone. */
export async function readChangedNames(
  store: Store,
  afterSeq: number,
  upTo: number,
): Promise<readonly PublishedName[]> {
  const { rows } = await sql`
    SELECT c.zone_id::text, c.owner, (
      SELECT ${PACKED} FROM dns_published p WHERE p.zone_id = c.zone_id AND p.owner = c.owner) AS records
    FROM (SELECT DISTINCT zone_id, owner FROM dns_changes WHERE seq > ${afterSeq} AND seq <= ${upTo}) AS c`.execute(
    store.db,
  );
  return z.array(NameRow).parse(rows).map(publishedName);
}

/** Serials of the zones that were changed after a position. */
export async function readChangedZones(query: Query, afterSeq: number): Promise<readonly ServedZone[]> {
  const { rows } = await sql`
    SELECT ${ZONE_COLUMNS} FROM ${ZONES}
    WHERE z.id IN (SELECT zone_id FROM dns_changes WHERE seq > ${afterSeq})`.execute(query);
  return z.array(ZoneRow).parse(rows).flatMap(servedZone);
}

function publishedName(row: z.infer<typeof NameRow>): PublishedName {
  const sets: RecordSet[] = [];
  const packed = row.records ?? Buffer.alloc(0);
  let parts: Buffer[] = [];
  let type = -1;
  const close = () => {
    if (parts.length > 0) sets.push({ type, count: parts.length, bytes: Buffer.concat(parts) });
    parts = [];
  };
  for (let at = 0; at < packed.length; ) {
    const next = packed.readUInt16BE(at);
    if (next !== type) close();
    type = next;
    const length = packed.readUInt16BE(at + 6);
    const data = packed.subarray(at + 8, at + 8 + length);
    parts.push(recordBytes(type, packed.readUInt32BE(at + 2), data));
    at += 8 + length;
  }
  close();
  return { zoneId: row.zone_id, owner: row.owner, sets };
}

/** A name of a zone on the wire. */
export function wireNameIn(zone: ServedZone, owner: string): Buffer {
  if (owner === '') return zone.apex;
  return Buffer.concat([nameToWire(owner).subarray(0, -1), zone.apex]);
}
