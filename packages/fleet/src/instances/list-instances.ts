import { type Query, type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import { allOf, type Condition } from '../lists/filter-sql.ts';
import { countUpTo, type ListQuery } from '../lists/page.ts';
import { instanceConditions } from './instance-conditions.ts';
import './instances-table.ts';

/** A page as the text that goes to the client: the contract's `InstancePage`. */
export type InstancePageText = Readonly<{ json: string }>;

/** What a list is sorted by: the SQL of its key, and how the key looks in a cursor. */
type SortKey = Readonly<{
  key: RawBuilder<unknown>;
  /** The key as text, such that {@link parse} gives exactly the key again. */
  text: RawBuilder<string>;
  parse: (text: string) => RawBuilder<unknown>;
  shape: RegExp;
  /** The walk needs the host's name. */
  joinsHosts?: boolean;
}>;

const plain = (column: RawBuilder<unknown>): SortKey => ({
  key: column,
  text: sql<string>`${column}`,
  parse: (text) => sql`${text}::text`,
  shape: CURSOR_SHAPE.text,
});

/** Each is one index walk (0001-fleet.sql); `host` walks the hosts by name and sorts each one's instances. */
const SORTS = {
  name: plain(sql`i.name`),
  status: plain(sql`i.status`),
  createdAt: {
    key: sql`coalesce(i.created_at, i.added_at)`,
    text: sql<string>`to_char(coalesce(i.created_at, i.added_at) AT TIME ZONE 'UTC', ${sql.lit(MICROSECONDS)})`,
    parse: (text) => sql`${text}::timestamptz`,
    shape: CURSOR_SHAPE.moment,
  },
  host: { ...plain(sql`h.name`), joinsHosts: true },
} as const satisfies Record<string, SortKey>;

const DEFAULT_SORT = 'name';

const PageRow = z.object({
  items: z.string(),
  shown: z.number(),
  last_key: z.string().nullable(),
  last_id: z.string().nullable(),
  hosts: z.string(),
});

/**
 * One page of instances as JSON text, put together by PostgreSQL from the `summary` column: nothing is parsed in this
 * process. Plans and times at 100,000 instances: docs/performance-plans.md.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listInstances(context: FleetContext, query: ListQuery): Promise<InstancePageText> {
  const { db } = context.store;
  const sort = query.sort ?? DEFAULT_SORT;
  const descending = sort.startsWith('-');
  const by = sortKey(descending ? sort.slice(1) : sort);
  const list: CursorList = { list: 'instances', sort, filter: query.filter };
  const where = instanceConditions(query.filter);
  const cursor =
    query.cursor === undefined ? undefined : readCursor(query.cursor, list, [by.shape, CURSOR_SHAPE.uuid]);
  const from = by.joinsHosts ? sql`instances i JOIN hosts h ON h.id = i.host_id` : sql`instances i`;
  const after = cursor === undefined ? [] : [afterKey(by, cursor.after, descending)];
  const [page, total] = await Promise.all([
    readPage(db, by, { from, where: [...where, ...after], descending, limit: query.limit }),
    cursor === undefined ? countUpTo(db, sql`instances i`, where) : cursor.total,
  ]);
  const last = page.shown === query.limit ? lastOf(page) : undefined;
  const more = last !== undefined && (await exists(db, from, [...where, afterKey(by, last, descending)]));
  const next = more ? writeCursor(list, { after: last, total }) : null;
  return {
    json: `{"items":[${page.items}],"next":${JSON.stringify(next)},"total":${JSON.stringify(total)},"hosts":${page.hosts}}`,
  };
}

type Walk = Readonly<{
  from: RawBuilder<unknown>;
  where: readonly Condition[];
  descending: boolean;
  limit: number;
}>;

/**
 * Plain aggregates over the index walk, which hands the rows on in order. (Window functions, or one row more to see
 * whether there are others, cost as much again for a page of 10,000; the look for another row takes a millisecond.)
 */
async function readPage(query: Query, by: SortKey, walk: Walk): Promise<z.infer<typeof PageRow>> {
  const direction = sql.raw(walk.descending ? 'DESC' : 'ASC');
  const { rows } = await sql`
    SELECT coalesce(string_agg(page.summary, ','), '') AS items, count(*)::integer AS shown,
      (array_agg(page.key))[count(*)] AS last_key, (array_agg(page.id))[count(*)]::text AS last_id,
      coalesce((
        SELECT json_object_agg(hosts.id, json_build_object(
          'name', hosts.name, 'status', hosts.status, 'observedAt', rfc3339(hosts.observed_at)))
        FROM hosts WHERE hosts.id = ANY (array_agg(page.host_id))), '{}')::text AS hosts
    FROM (
      SELECT i.id, i.host_id, i.summary, ${by.text} AS key FROM ${walk.from}
      WHERE ${allOf(walk.where)}
      ORDER BY ${by.key} ${direction}, i.id ${direction}
      LIMIT ${walk.limit}
    ) AS page`.execute(query);
  return PageRow.parse(rows[0]);
}

async function exists(
  query: Query,
  from: RawBuilder<unknown>,
  where: readonly Condition[],
): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM ${from} WHERE ${allOf(where)}) AS found`.execute(query);
  return rows[0]?.found ?? false;
}

function lastOf(page: z.infer<typeof PageRow>): readonly [string, string] | undefined {
  return page.last_key === null || page.last_id === null ? undefined : [page.last_key, page.last_id];
}

function sortKey(name: string): SortKey {
  const known: Readonly<Record<string, SortKey>> = SORTS;
  const found = known[name];
  if (found === undefined) throw new Error(`the contract has a sort that no column stands for: ${name}`);
  return found;
}

function afterKey(by: SortKey, after: readonly string[], descending: boolean): RawBuilder<SqlBool> {
  const [key = '', id = ''] = after;
  return sql<SqlBool>`(${by.key}, i.id) ${sql.raw(descending ? '<' : '>')} (${by.parse(key)}, ${id}::uuid)`;
}
