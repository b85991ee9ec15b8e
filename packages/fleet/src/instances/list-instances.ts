import { type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import { allOf } from '../lists/filter-sql.ts';
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
  more: z.boolean(),
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
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const from = by.joinsHosts ? sql`instances i JOIN hosts h ON h.id = i.host_id` : sql`instances i`;
  const after = cursor === undefined ? [] : [afterCursor(by, cursor.after, descending)];
  const [{ rows }, total] = await Promise.all([
    sql`
    WITH page AS MATERIALIZED (
      SELECT i.id, i.host_id, i.summary, ${by.text} AS key, row_number() OVER () AS n
      FROM (
        SELECT i.*${by.joinsHosts ? sql`, h.name AS host_name` : sql``} FROM ${from}
        WHERE ${allOf([...where, ...after])}
        ORDER BY ${by.key} ${direction}, i.id ${direction}
        LIMIT ${query.limit + 1}
      ) AS i${by.joinsHosts ? sql`, LATERAL (SELECT i.host_name AS name) AS h` : sql``}
    ), shown AS (SELECT * FROM page WHERE n <= ${query.limit})
    SELECT
      coalesce((SELECT string_agg(summary, ',') FROM shown), '') AS items,
      EXISTS (SELECT FROM page WHERE n > ${query.limit}) AS more,
      (SELECT key FROM shown ORDER BY n DESC LIMIT 1) AS last_key,
      (SELECT id::text FROM shown ORDER BY n DESC LIMIT 1) AS last_id,
      coalesce((
        SELECT json_object_agg(hosts.id, json_build_object(
          'name', hosts.name, 'status', hosts.status, 'observedAt', rfc3339(hosts.observed_at)))
        FROM hosts WHERE hosts.id IN (SELECT host_id FROM shown)), '{}')::text AS hosts`.execute(db),
    cursor === undefined ? countUpTo(db, sql`instances i`, where) : cursor.total,
  ]);
  const page = PageRow.parse(rows[0]);
  const next =
    page.more && page.last_key !== null && page.last_id !== null
      ? writeCursor(list, { after: [page.last_key, page.last_id], total })
      : null;
  return {
    json: `{"items":[${page.items}],"next":${JSON.stringify(next)},"total":${JSON.stringify(total)},"hosts":${page.hosts}}`,
  };
}

function sortKey(name: string): SortKey {
  const known: Readonly<Record<string, SortKey>> = SORTS;
  const found = known[name];
  if (found === undefined) throw new Error(`the contract has a sort that no column stands for: ${name}`);
  return found;
}

function afterCursor(by: SortKey, after: readonly string[], descending: boolean): RawBuilder<SqlBool> {
  const [key = '', id = ''] = after;
  return sql<SqlBool>`(${by.key}, i.id) ${sql.raw(descending ? '<' : '>')} (${by.parse(key)}, ${id}::uuid)`;
}
