import {
  DNS_NAME_FILTERS,
  type DnsName,
  type FilterTerm,
  LongshoreError,
  parseFilter,
} from '@longshore/contract';
import type { ListQuery, Page, Reach } from '@longshore/fleet';
import { type Query, type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import { RECORD_TYPES, typeName } from '../wire/record-types.ts';

const Row = z.object({
  id: z.number(),
  owner: z.string(),
  zone: z.string(),
  zone_id: z.string(),
  type: z.number(),
  ttl: z.number(),
  value: z.string(),
  source: z.enum(['zone', 'instance', 'record']),
  source_id: z.string(),
  instance: z.string().nullable(),
});
type Row = z.infer<typeof Row>;

/** Answered records by condition, in the order of zones and names. Tables: `p` records, `z` zones, `i` instances. */
export async function readNames(
  query: Query,
  where: readonly RawBuilder<SqlBool>[],
  options: Readonly<{ limit: number; descending?: boolean }>,
): Promise<readonly Readonly<{ id: number; owner: string; zone: string; name: DnsName }>[]> {
  const direction = sql.raw(options.descending === true ? 'DESC' : 'ASC');
  const { rows } = await sql`
    SELECT p.id, p.owner, z.name AS zone, p.zone_id::text, p.type, p.ttl, p.value, p.source, p.source_id::text, i.name AS instance
    FROM dns_published p JOIN dns_zones z ON z.id = p.zone_id
      LEFT JOIN instances i ON p.source = 'instance' AND i.id = p.source_id
    WHERE ${where.length === 0 ? sql`true` : sql.join([...where], sql` AND `)}
    ORDER BY z.name ${direction}, p.owner ${direction}, p.id ${direction} LIMIT ${options.limit}`.execute(
    query,
  );
  return z
    .array(Row)
    .parse(rows)
    .map((row) => ({ id: row.id, owner: row.owner, zone: row.zone, name: nameOf(row) }));
}

function nameOf(row: Row): DnsName {
  return {
    name: row.owner === '' ? row.zone : `${row.owner}.${row.zone}`,
    zoneId: row.zone_id,
    type: typeName(row.type),
    ttlSeconds: row.ttl,
    value: row.value,
    source: { kind: row.source, id: row.source_id, name: row.instance },
  };
}

/**
 * One page of what is answered, by zone and name. Not counted: there may be a million.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listNames(query: Query, page: ListQuery, reach: Reach): Promise<Page<DnsName>> {
  const descending = page.sort === '-name';
  const after = page.cursor === undefined ? null : readCursor(page.cursor);
  const where = [
    ...reachCondition(reach),
    ...(page.filter === undefined ? [] : parseFilter(page.filter, DNS_NAME_FILTERS).map(conditionOf)),
    ...(after === null
      ? []
      : [
          sql<SqlBool>`(z.name, p.owner, p.id) ${sql.raw(descending ? '<' : '>')} (${after.z}, ${after.o}, ${after.i})`,
        ]),
  ];
  const found = await readNames(query, where, { limit: page.limit + 1, descending });
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  const next =
    found.length > page.limit && last !== undefined
      ? Buffer.from(JSON.stringify({ z: last.zone, o: last.owner, i: last.id })).toString('base64url')
      : null;
  return { items: items.map(({ name }) => name), next, total: null };
}

/** Condition on zones: those of the fleet itself are for roles on the fleet. */
export function reachCondition(reach: Reach): readonly RawBuilder<SqlBool>[] {
  return reach === 'all' ? [] : [sql<SqlBool>`z.project_id = ANY (${[...reach.projects]}::uuid[])`];
}

const Cursor = z.strictObject({
  z: z.string().max(255),
  o: z.string().max(255),
  i: z.int().min(0),
});

function readCursor(text: string): z.infer<typeof Cursor> {
  const stored = Cursor.safeParse(decoded(text));
  if (stored.success && !text.includes('\0') && !/\0/.test(stored.data.z + stored.data.o)) return stored.data;
  throw new LongshoreError('bad-cursor', 'The cursor does not belong to this list.', {
    hint: 'Pass `next` of the page before unchanged, or begin without a cursor.',
  });
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined; // not ours; refused by the schema
  }
}

function conditionOf({ field, value, negated }: FilterTerm): RawBuilder<SqlBool> {
  if (value.includes('\0')) throw new LongshoreError('bad-filter', 'A filter has no NUL characters.');
  const any = sql<SqlBool>`(${sql.join(
    value.split(',').map((each) => oneOf(field, each)),
    sql` OR `,
  )})`;
  return negated ? sql<SqlBool>`NOT coalesce(${any}, false)` : any;
}

function oneOf(field: string | null, value: string): RawBuilder<SqlBool> {
  const like = value
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .toLowerCase();
  const fullName = sql`CASE p.owner WHEN '' THEN z.name ELSE p.owner || '.' || z.name END`;
  switch (field) {
    case 'name':
      return sql<SqlBool>`(p.owner LIKE ${like} OR ${fullName} LIKE ${like})`;
    case 'type': {
      const known = Object.entries(RECORD_TYPES).find(([name]) => name === value.toUpperCase());
      return sql<SqlBool>`p.type = ${known?.[1] ?? -1}`;
    }
    case 'zone':
      return sql<SqlBool>`z.name LIKE ${like}`;
    case 'value':
      return sql<SqlBool>`lower(p.value) LIKE ${like}`;
    case 'source':
      return sql<SqlBool>`(p.source = ${value} OR p.source_id::text = ${value})`;
    default:
      return sql<SqlBool>`${fullName} LIKE ${`%${like}%`}`;
  }
}
