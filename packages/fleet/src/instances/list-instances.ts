import { MAX_PAGE } from '@longshore/contract';
import { type Query, type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import {
  CURSOR_SHAPE,
  type Cursor,
  type CursorList,
  MICROSECONDS,
  readCursor,
  writeCursor,
} from '../lists/cursor.ts';
import { allOf, type Condition } from '../lists/filter-sql.ts';
import { countUpTo, type ListQuery } from '../lists/page.ts';
import { type Reach, reachesInstance } from '../lists/reach.ts';
import { instanceConditions } from './instance-conditions.ts';
import './instances-table.ts';
import { byNameAndId, type KeptLine } from './kept-lines.ts';

/** A page as the text that goes to the client, or its UTF-8 bytes: the contract's `InstancePage`. */
export type InstancePageText = Readonly<{ json: string | Buffer }>;

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

const ChunkRow = z.object({
  items: z.string(),
  shown: z.number(),
  last_key: z.string().nullable(),
  last_id: z.string().nullable(),
  host_ids: z.array(z.string()),
  project_ids: z.array(z.string()),
});

/**
 * Rows of one statement. A page of 10,000 is one text of 5 MB, for which the driver and the collector took twice the
 * time of twenty texts of 250 kB (70 ms of the process' CPU against 39, PostgreSQL 66 against 55).
 */
const CHUNK = 500;

/**
 * One page of instances as JSON text, put together by PostgreSQL from the `summary` column, or here from the lines that this
 * process keeps: nothing is parsed. Plans and times at 100,000 instances: docs/performance-plans.md.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listInstances(
  context: FleetContext,
  query: ListQuery,
  reach: Reach = 'all',
): Promise<InstancePageText> {
  const { db } = context.store;
  const sort = query.sort ?? DEFAULT_SORT;
  const descending = sort.startsWith('-');
  const by = sortKey(descending ? sort.slice(1) : sort);
  const list: CursorList = { list: 'instances', sort, filter: query.filter };
  const where = [...instanceConditions(query.filter), ...reachesInstance(reach)];
  const cursor =
    query.cursor === undefined ? undefined : readCursor(query.cursor, list, [by.shape, CURSOR_SHAPE.uuid]);
  // The list that everyone opens: no filter, by name, everything in reach.
  if (where.length === 0 && by === SORTS.name) {
    const kept = await context.lines.read();
    if (kept !== undefined) return pageOfKept(context, kept, list, cursor, descending, query.limit);
  }
  const from = by.joinsHosts ? sql`instances i JOIN hosts h ON h.id = i.host_id` : sql`instances i`;
  const walk: Walk = { by, from, where, descending };
  const [page, total] = await Promise.all([
    readPage(db, walk, cursor?.after, query.limit),
    cursor === undefined ? countUpTo(db, sql`instances i`, where) : cursor.total,
  ]);
  const [hosts, projects, more] = await Promise.all([
    hostsOf(db, page.hostIds),
    projectsOf(db, page.projectIds),
    page.last !== undefined && exists(db, walk, page.last),
  ]);
  const next = more && page.last !== undefined ? writeCursor(list, { after: page.last, total }) : null;
  return {
    json: `{"items":[${page.items}],"next":${JSON.stringify(next)},"total":${JSON.stringify(total)},"hosts":${hosts},"projects":${projects}}`,
  };
}

/** The same page out of the lines that this process keeps. */
async function pageOfKept(
  context: FleetContext,
  kept: readonly KeptLine[],
  list: CursorList,
  cursor: Cursor | undefined,
  descending: boolean,
  limit: number,
): Promise<InstancePageText> {
  const ordered = descending ? kept.toReversed() : kept;
  const [name = '', id = ''] = cursor?.after ?? [];
  const start = cursor === undefined ? 0 : placeAfter(ordered, { name, id }, descending ? -1 : 1);
  const page = ordered.slice(start, start + limit);
  const last = page.at(-1);
  const total = cursor === undefined ? (kept.length > MAX_PAGE ? null : kept.length) : cursor.total;
  const more = last !== undefined && start + page.length < ordered.length;
  const next = more ? writeCursor(list, { after: [last.name, last.id], total }) : null;
  const { db } = context.store;
  const [hosts, projects] = await Promise.all([
    hostsOf(db, new Set(page.map((line) => line.hostId))),
    projectsOf(db, new Set(page.flatMap((line) => line.projectId ?? []))),
  ]);
  const end = `],"next":${JSON.stringify(next)},"total":${JSON.stringify(total)},"hosts":${hosts},"projects":${projects}}`;
  const lines = page.map((line) => line.bytes);
  const lastLine = lines.pop();
  const pieces = lastLine === undefined ? lines : [...lines, lastLine.subarray(0, -1)]; // no comma behind the last
  return { json: Buffer.concat([Buffer.from('{"items":['), ...pieces, Buffer.from(end)]) };
}

/** Where the first line behind a place is, by halving. */
function placeAfter(
  ordered: readonly KeptLine[],
  place: Pick<KeptLine, 'name' | 'id'>,
  direction: 1 | -1,
): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = ordered[middle];
    if (line !== undefined && byNameAndId(line, place) * direction <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Walk = Readonly<{
  by: SortKey;
  from: RawBuilder<unknown>;
  where: readonly Condition[];
  descending: boolean;
}>;

type Place = readonly string[];

/** The lines of a page with commas between them; `last` is where to go on when the page is full. */
type PageText = Readonly<{
  items: string;
  hostIds: ReadonlySet<string>;
  projectIds: ReadonlySet<string>;
  last: Place | undefined;
}>;

async function readPage(
  query: Query,
  walk: Walk,
  start: Place | undefined,
  limit: number,
): Promise<PageText> {
  const texts: string[] = [];
  const hostIds = new Set<string>();
  const projectIds = new Set<string>();
  let last = start;
  for (let left = limit; left > 0; left -= CHUNK) {
    const size = Math.min(CHUNK, left);
    const chunk = await readChunk(query, walk, last, size);
    if (chunk.shown > 0) texts.push(chunk.items);
    for (const id of chunk.host_ids) hostIds.add(id);
    for (const id of chunk.project_ids) projectIds.add(id);
    if (chunk.shown < size || chunk.last_key === null || chunk.last_id === null) {
      return { items: texts.join(','), hostIds, projectIds, last: undefined };
    }
    last = [chunk.last_key, chunk.last_id];
  }
  return { items: texts.join(','), hostIds, projectIds, last };
}

/**
 * Plain aggregates over the index walk, which hands the rows on in order. (A window function, or one row more to see
 * whether there are others, cost more than the look for another row that follows a full page.) None of them may have
 * DISTINCT or ORDER BY: PostgreSQL would sort the rows for it, and hand them to the others in that order, too.
 */
async function readChunk(
  query: Query,
  walk: Walk,
  after: Place | undefined,
  size: number,
): Promise<z.infer<typeof ChunkRow>> {
  const { by } = walk;
  const direction = sql.raw(walk.descending ? 'DESC' : 'ASC');
  const { rows } = await sql`
    SELECT coalesce(string_agg(chunk.summary, ','), '') AS items, count(*)::integer AS shown,
      (array_agg(chunk.key))[count(*)] AS last_key, (array_agg(chunk.id))[count(*)]::text AS last_id,
      ARRAY(SELECT DISTINCT unnest(array_agg(chunk.host_id))::text) AS host_ids,
      array_remove(ARRAY(SELECT DISTINCT unnest(array_agg(chunk.project_id))::text), NULL) AS project_ids
    FROM (
      SELECT i.id, i.host_id, i.project_id, i.summary, ${by.text} AS key FROM ${walk.from}
      WHERE ${allOf(beyond(walk, after))}
      ORDER BY ${by.key} ${direction}, i.id ${direction}
      LIMIT ${size}
    ) AS chunk`.execute(query);
  return ChunkRow.parse(rows[0]);
}

async function hostsOf(query: Query, ids: ReadonlySet<string>): Promise<string> {
  if (ids.size === 0) return '{}';
  const { rows } = await sql<{ hosts: string | null }>`
    SELECT json_object_agg(id, json_build_object(
      'name', name, 'status', status, 'observedAt', rfc3339(observed_at)))::text AS hosts
    FROM hosts WHERE id = ANY (${[...ids]}::uuid[])`.execute(query);
  return rows[0]?.hosts ?? '{}';
}

async function projectsOf(query: Query, ids: ReadonlySet<string>): Promise<string> {
  if (ids.size === 0) return '{}';
  const { rows } = await sql<{ projects: string | null }>`
    SELECT json_object_agg(id, json_build_object('name', name))::text AS projects
    FROM projects WHERE id = ANY (${[...ids]}::uuid[])`.execute(query);
  return rows[0]?.projects ?? '{}';
}

async function exists(query: Query, walk: Walk, after: Place): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM ${walk.from} WHERE ${allOf(beyond(walk, after))}) AS found`.execute(query);
  return rows[0]?.found ?? false;
}

/** The walk's conditions, and that a row comes after a place. */
function beyond({ by, where, descending }: Walk, after: Place | undefined): readonly Condition[] {
  if (after === undefined) return where;
  const [key = '', id = ''] = after;
  const operator = sql.raw(descending ? '<' : '>');
  return [...where, sql<SqlBool>`(${by.key}, i.id) ${operator} (${by.parse(key)}, ${id}::uuid)`];
}

function sortKey(name: string): SortKey {
  const known: Readonly<Record<string, SortKey>> = SORTS;
  const found = known[name];
  if (found === undefined) throw new Error(`the contract has a sort that no column stands for: ${name}`);
  return found;
}
