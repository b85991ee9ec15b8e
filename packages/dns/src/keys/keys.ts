import { randomBytes, randomUUID } from 'node:crypto';
import { type DnsKey, type DnsKeyCreation, LongshoreError, type NewDnsKey } from '@longshore/contract';
import type { Reach } from '@longshore/fleet';
import {
  type Database,
  type Query,
  type SealedColumn,
  type Sealer,
  sql,
  type Transaction,
} from '@longshore/store';
import { z } from 'zod';
import type { TsigKey } from '../wire/tsig.ts';

const Row = z.object({
  id: z.string(),
  name: z.string(),
  zone_id: z.string().nullable(),
  created_at: z.date(),
  created_by: z.string(),
});

/** What sealing binds a key's secret to. */
const contextOf = (id: string): string => `dns_keys.secret_sealed:${id}`;

/** Every column of this room that holds sealed values. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'dns_keys', column: 'secret_sealed', contextOf },
];

/** Keys that somebody may see; those for all zones are for roles on the fleet. */
export async function listKeys(query: Query, reach: Reach): Promise<DnsKey[]> {
  const within =
    reach === 'all'
      ? sql`true`
      : sql`k.zone_id IN (SELECT id FROM dns_zones WHERE project_id = ANY (${[...reach.projects]}::uuid[]))`;
  const { rows } = await sql`
    SELECT k.id::text, k.name, k.zone_id::text, k.created_at, k.created_by FROM dns_keys k WHERE ${within} ORDER BY k.name`.execute(
    query,
  );
  return z
    .array(Row)
    .parse(rows)
    .map((row) => ({
      id: row.id,
      name: row.name,
      zoneId: row.zone_id,
      createdAt: row.created_at.toISOString(),
      createdBy: row.created_by,
    }));
}

/** Makes a key; its secret is told now and never again. @throws LongshoreError `name-taken` */
export async function createKey(
  trx: Transaction<Database>,
  sealer: Sealer,
  creation: DnsKeyCreation & Readonly<{ zoneId: string | null }>,
  createdBy: string,
): Promise<NewDnsKey> {
  const id = randomUUID();
  const secret = randomBytes(32).toString('base64');
  const { rows } = await sql<{ created_at: Date }>`
    INSERT INTO dns_keys (id, name, zone_id, secret_sealed, created_by)
    VALUES (${id}::uuid, ${creation.name}, ${creation.zoneId}::uuid, ${sealer.seal(secret, contextOf(id))}, ${createdBy})
    ON CONFLICT (name) DO NOTHING RETURNING created_at`.execute(trx);
  const [row] = rows;
  if (row === undefined) {
    throw new LongshoreError('name-taken', `There is a key ${creation.name} already.`, {
      hint: 'Choose another name.',
    });
  }
  return {
    id,
    name: creation.name,
    zoneId: creation.zoneId,
    createdAt: row.created_at.toISOString(),
    createdBy,
    algorithm: 'hmac-sha256',
    secret,
  };
}

/** Takes a key away, and tells its name: what it signs is refused from now on. @throws LongshoreError `not-found` */
export async function deleteKey(trx: Transaction<Database>, id: string): Promise<string> {
  const { rows } = await sql<{
    name: string;
  }>`DELETE FROM dns_keys WHERE id = ${id}::uuid RETURNING name`.execute(trx);
  const [row] = rows;
  if (row === undefined)
    throw new LongshoreError('not-found', `There is no key ${id}.`, { hint: 'List the keys.' });
  return row.name;
}

const KeyRow = z.object({
  id: z.string(),
  name: z.string(),
  zone_id: z.string().nullable(),
  secret_sealed: z.string(),
});

/** A key by the name that a message gives, with the zone that it is for; null: there is none. */
export async function readKey(
  query: Query,
  sealer: Sealer,
  name: string,
): Promise<(TsigKey & Readonly<{ zoneId: string | null }>) | null> {
  const { rows } = await sql`
    SELECT id::text, name, zone_id::text, secret_sealed FROM dns_keys WHERE name = ${name.replace(/\.$/, '')}`.execute(
    query,
  );
  const [row] = z.array(KeyRow).parse(rows);
  if (row === undefined) return null;
  const secret = Buffer.from(sealer.open(row.secret_sealed, contextOf(row.id)), 'base64');
  return { name: row.name, secret, zoneId: row.zone_id };
}
