import { HOST_FILTERS, type Host, type HostStatus, LongshoreError } from '@longshore/contract';
import { type Query, type RawBuilder, sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import {
  allOf,
  booleanCondition,
  type FieldCondition,
  filterConditions,
  labelCondition,
  textCondition,
  wordCondition,
} from '../lists/filter-sql.ts';
import { countUpTo, type ListQuery, type Page } from '../lists/page.ts';
import { hostOf } from './host-of-row.ts';

const FIELDS: Readonly<Record<(typeof HOST_FILTERS)[number], FieldCondition>> = {
  name: textCondition(sql`hosts.name`),
  status: textCondition(sql`hosts.status`),
  kind: textCondition(sql`hosts.kind`),
  label: labelCondition(sql`hosts.labels`),
  maintenance: booleanCondition(sql`hosts.maintenance`),
  version: textCondition(sql`hosts.version`),
};

type Sort = {
  readonly column: RawBuilder<unknown>;
  readonly text: RawBuilder<string>;
  readonly cast: string;
  readonly shape: RegExp;
};

const SORTS: Readonly<Record<string, Sort>> = {
  name: { column: sql`hosts.name`, text: sql`hosts.name`, cast: 'text', shape: CURSOR_SHAPE.text },
  status: { column: sql`hosts.status`, text: sql`hosts.status`, cast: 'text', shape: CURSOR_SHAPE.text },
  createdAt: {
    column: sql`hosts.created_at`,
    text: sql`to_char(hosts.created_at AT TIME ZONE 'UTC', ${sql.lit(MICROSECONDS)})`,
    cast: 'timestamptz',
    shape: CURSOR_SHAPE.moment,
  },
};

function hostsWithCounts(query: Query) {
  return query
    .selectFrom('hosts')
    .select([
      'id',
      'name',
      'kind',
      'url',
      'fingerprint',
      'labels',
      'maintenance',
      'revision',
      'created_at',
      'created_by',
      'removing',
      'status',
      'status_reason',
      'status_since',
      'seen_fingerprint',
      'version',
      'architectures',
      'warnings',
      'resources',
      'lxd_projects',
      'profiles',
      'networks',
      'observed_at',
      sql<number>`(SELECT count(*) FROM instances i WHERE i.host_id = hosts.id)`.as('total'),
      sql<number>`(SELECT count(*) FROM instances i WHERE i.host_id = hosts.id AND i.status = 'running')`.as(
        'running',
      ),
    ]);
}

/**
 * One page of hosts, by name unless asked otherwise.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listHosts(context: FleetContext, query: ListQuery): Promise<Page<Host>> {
  const { db } = context.store;
  const sorted = query.sort ?? 'name';
  const descending = sorted.startsWith('-');
  const sort = SORTS[sorted.replace(/^-/, '')];
  if (sort === undefined) throw new LongshoreError('bad-request', `Hosts cannot be sorted by "${sorted}".`);
  const list: CursorList = { list: 'hosts', sort: sorted, filter: query.filter };
  const where = filterConditions(query.filter, HOST_FILTERS, FIELDS, wordCondition(sql`hosts.name`));
  const cursor =
    query.cursor === undefined ? undefined : readCursor(query.cursor, list, [sort.shape, CURSOR_SHAPE.uuid]);
  const direction = descending ? 'desc' : 'asc';
  let page = hostsWithCounts(db)
    .select(sort.text.as('sort_key'))
    .where(allOf(where))
    .orderBy(sort.column, direction)
    .orderBy('id', direction)
    .limit(query.limit + 1);
  if (cursor !== undefined) {
    const [after, id] = cursor.after;
    page = page.where(
      sql<boolean>`(${sort.column}, hosts.id) ${sql.raw(descending ? '<' : '>')}
        (${after}::${sql.raw(sort.cast)}, ${id}::uuid)`,
    );
  }
  const rows = await page.execute();
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const total = cursor === undefined ? await countUpTo(db, sql`hosts`, where) : cursor.total;
  return {
    items: shown.map(hostOf),
    next:
      last === undefined || rows.length <= query.limit
        ? null
        : writeCursor(list, { after: [last.sort_key, last.id], total }),
    total,
  };
}

/** @throws LongshoreError `not-found` */
export async function getHost(context: FleetContext, id: string): Promise<Host> {
  return readHost(context.store.db, id);
}

/** The same in a transaction. @throws LongshoreError `not-found` */
export async function readHost(query: Query, id: string): Promise<Host> {
  const row = await hostsWithCounts(query).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new LongshoreError('not-found', `There is no host ${id}.`);
  return hostOf(row);
}

/** How many hosts stand in each status, for `/metrics`. */
export async function countHosts(context: FleetContext): Promise<Record<HostStatus, number>> {
  const counts: Record<HostStatus, number> = { connecting: 0, online: 0, unreachable: 0, quarantined: 0 };
  const rows = await context.store.db
    .selectFrom('hosts')
    .select(['status', ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy('status')
    .execute();
  for (const { status, n } of rows) counts[status] = Number(n);
  return counts;
}
