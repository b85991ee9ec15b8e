import { type Query, type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { soaData } from '../serve/responder.ts';
import { nameToWire } from '../wire/domain-name.ts';
import { CLASS_IN, RECORD_TYPES } from '../wire/record-types.ts';

const ZoneRow = z.object({
  id: z.string(),
  name: z.string(),
  serial: z.number(),
  ttl: z.number(),
  name_servers: z.array(z.string()),
  contact: z.string(),
});
type ZoneRow = z.infer<typeof ZoneRow>;

const RecordRow = z.object({
  owner: z.string(),
  type: z.number(),
  ttl: z.number(),
  rdata: z.instanceof(Buffer),
});

const ChangeRow = RecordRow.extend({ seq: z.number(), serial: z.number(), added: z.boolean() });

const BATCH = 5000;

/**
 * The records of a transfer, in order and whole, out of one moment of the database: a zone (RFC 5936, 2.2), or how it came
 * from a version to the present one (RFC 1995, 4) where that is known.
 *
 * @param input.since the version that the secondary has; null: it wants all
 */
export async function* readTransfer(
  store: Store,
  input: Readonly<{ zoneId: string; since: number | null }>,
): AsyncGenerator<Buffer> {
  const client = await store.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const ask = async (text: string, values: unknown[]): Promise<unknown[]> =>
      (await client.query(text, values)).rows;
    const [zone] = z.array(ZoneRow).parse(
      await ask(
        `SELECT z.id::text, z.name, coalesce(s.serial, 1) AS serial, z.ttl, z.name_servers, z.contact
           FROM dns_zones z LEFT JOIN dns_serials s ON s.zone_id = z.id WHERE z.id = $1`,
        [input.zoneId],
      ),
    );
    if (zone === undefined) throw new Error('the zone is gone');
    const soa = soaRecord(zone, zone.serial);
    if (input.since !== null && ((input.since - zone.serial) | 0) >= 0) {
      yield soa; // the secondary is up to date (RFC 1995, 2)
      return;
    }
    yield soa;
    const isKnown =
      input.since !== null &&
      (
        await ask('SELECT FROM dns_changes WHERE zone_id = $1 AND serial = $2 LIMIT 1', [
          zone.id,
          input.since,
        ])
      ).length > 0;
    if (isKnown && input.since !== null) yield* readChanges(ask, zone, input.since);
    else yield* readAll(ask, zone);
    yield soa;
  } finally {
    await client.query('ROLLBACK').catch(() => undefined); // a broken connection has nothing to roll back
    client.release();
  }
}

type Ask = (text: string, values: unknown[]) => Promise<unknown[]>;

async function* readAll(ask: Ask, zone: ZoneRow): AsyncGenerator<Buffer> {
  let after = 0;
  for (;;) {
    const rows = z
      .array(RecordRow.extend({ id: z.number() }))
      .parse(
        await ask(
          'SELECT id, owner, type, ttl, rdata FROM dns_published WHERE zone_id = $1 AND id > $2 ORDER BY id LIMIT $3',
          [zone.id, after, BATCH],
        ),
      );
    for (const row of rows) yield recordOf(zone, row);
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Version for version: the old SOA, what went, the new SOA, what came. */
async function* readChanges(ask: Ask, zone: ZoneRow, since: number): AsyncGenerator<Buffer> {
  let version = since;
  let isAdding = false;
  let at: number | null = null;
  let after = 0;
  for (;;) {
    const rows = z.array(ChangeRow).parse(
      await ask(
        `SELECT seq, serial, added, owner, type, ttl, rdata FROM dns_changes
           WHERE zone_id = $1 AND serial > $2 AND seq > $3 ORDER BY seq LIMIT $4`,
        [zone.id, since, after, BATCH],
      ),
    );
    for (const row of rows) {
      if (row.serial !== at) {
        if (at !== null && !isAdding) yield soaRecord(zone, at);
        if (at !== null) version = at;
        yield soaRecord(zone, version);
        at = row.serial;
        isAdding = false;
      }
      if (row.added && !isAdding) {
        yield soaRecord(zone, row.serial);
        isAdding = true;
      }
      yield recordOf(zone, row);
    }
    if (rows.length < BATCH) break;
    after = rows.at(-1)?.seq ?? after;
  }
  if (at !== null && !isAdding) yield soaRecord(zone, at);
  // A version that changed settings alone has no records of its own.
  const last = at ?? since;
  if (last !== zone.serial) {
    yield soaRecord(zone, last);
    yield soaRecord(zone, zone.serial);
  }
}

function soaRecord(zone: ZoneRow, serial: number): Buffer {
  const data = soaData({
    primary: zone.name_servers[0] ?? zone.name,
    contact: zone.contact,
    serial,
    ttlSeconds: zone.ttl,
  });
  return recordOf(zone, { owner: '', type: RECORD_TYPES.SOA, ttl: zone.ttl, rdata: data });
}

function recordOf(zone: ZoneRow, row: z.infer<typeof RecordRow>): Buffer {
  const name = nameToWire(row.owner === '' ? zone.name : `${row.owner}.${zone.name}`);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(row.type, 0);
  head.writeUInt16BE(CLASS_IN, 2);
  head.writeUInt32BE(row.ttl, 4);
  head.writeUInt16BE(row.rdata.length, 8);
  return Buffer.concat([name, head, row.rdata]);
}

/** The secondaries of zones, by zone. */
export async function readSecondaries(
  query: Query,
  zoneIds: readonly string[],
): Promise<readonly Readonly<{ name: string; secondaries: readonly string[] }>[]> {
  const { rows } = await sql`
    SELECT name, secondaries FROM dns_zones WHERE id = ANY (${[...zoneIds]}::uuid[]) AND secondaries <> '{}'`.execute(
    query,
  );
  return z.array(z.object({ name: z.string(), secondaries: z.array(z.string()) })).parse(rows);
}
