import { LongshoreError, OPERATION_FILTERS, type Operation } from '@longshore/contract';
import { sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import {
  allOf,
  type FieldCondition,
  filterConditions,
  textCondition,
  wordCondition,
} from '../lists/filter-sql.ts';
import type { ListQuery, Page } from '../lists/page.ts';
import { countUpTo } from '../lists/page.ts';
import { type Reach, reachesOperation } from '../lists/reach.ts';
import { OPERATION_COLUMNS, operationOf } from './operation-of-row.ts';

const DEFAULT_SORT = '-createdAt';

const FIELDS: Readonly<Record<(typeof OPERATION_FILTERS)[number], FieldCondition>> = {
  action: textCondition(sql`operations.action`),
  status: textCondition(sql`operations.status`),
  target: (value) =>
    sql`(operations.target_id = ${value} OR ${textCondition(sql`operations.target_name`)(value)})`,
  host: (value) =>
    sql`(operations.host_id IN (SELECT id FROM hosts WHERE ${textCondition(sql`hosts.name`)(value)})
      OR operations.host_id::text = ${value})`,
  project: (value) =>
    sql`operations.project_id IN (SELECT id FROM projects WHERE ${textCondition(sql`projects.name`)(value)}
      OR id::text = ${value})`,
  by: textCondition(sql`operations.requested_by`),
  parent: (value) =>
    CURSOR_SHAPE.uuid.test(value) ? sql`operations.parent_id = ${value}::uuid` : sql`false`,
};

/** Counts of a bulk operation's children; null for the others. */
const items = sql<unknown>`CASE WHEN operations.action = 'bulk' THEN (
    SELECT json_build_object(
      'total', greatest(count(*), coalesce((operations.memory ->> 'total')::integer, 0)),
      'succeeded', count(*) FILTER (WHERE child.status = 'succeeded'),
      'failed', count(*) FILTER (WHERE child.status = 'failed'),
      'cancelled', count(*) FILTER (WHERE child.status = 'cancelled'))
    FROM operations child WHERE child.parent_id = operations.id) END`.as('items');

/**
 * One page of operations, the newest first.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listOperations(
  context: FleetContext,
  query: ListQuery,
  reach: Reach = 'all',
): Promise<Page<Operation>> {
  const { db } = context.store;
  const sort = query.sort ?? DEFAULT_SORT;
  const list: CursorList = { list: 'operations', sort, filter: query.filter };
  const word = wordCondition(sql`operations.target_name`);
  const where = [
    ...filterConditions(query.filter, OPERATION_FILTERS, FIELDS, word),
    ...reachesOperation(reach),
  ];
  const cursor =
    query.cursor === undefined
      ? undefined
      : readCursor(query.cursor, list, [CURSOR_SHAPE.moment, CURSOR_SHAPE.uuid]);
  const descending = sort.startsWith('-');
  const direction = descending ? 'desc' : 'asc';
  let page = db
    .selectFrom('operations')
    .select(OPERATION_COLUMNS)
    .select(items)
    .select(sql<string>`to_char(created_at AT TIME ZONE 'UTC', ${sql.lit(MICROSECONDS)})`.as('moment'))
    .where(allOf(where))
    .orderBy('created_at', direction)
    .orderBy('id', direction)
    .limit(query.limit + 1);
  if (cursor !== undefined) {
    const [moment, id] = cursor.after;
    page = page.where(
      sql<boolean>`(created_at, id) ${sql.raw(descending ? '<' : '>')} (${moment}::timestamptz, ${id}::uuid)`,
    );
  }
  const rows = await page.execute();
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const total = cursor === undefined ? await countUpTo(db, sql`operations`, where) : cursor.total;
  return {
    items: shown.map(operationOf),
    next:
      last === undefined || rows.length <= query.limit
        ? null
        : writeCursor(list, { after: [last.moment, last.id], total }),
    total,
  };
}

/** @throws LongshoreError `not-found` */
export async function getOperation(context: FleetContext, id: string): Promise<Operation> {
  const row = await context.store.db
    .selectFrom('operations')
    .select(OPERATION_COLUMNS)
    .select(items)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) {
    throw new LongshoreError('not-found', `There is no operation ${id}.`, {
      hint: 'Ended operations are kept for a time, then removed.',
    });
  }
  return operationOf(row);
}

/** Whether somebody may see, or change, an operation. */
export async function isOperationWithin(context: FleetContext, id: string, reach: Reach): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM operations WHERE id = ${id} AND ${allOf(reachesOperation(reach))}`.execute(context.store.db);
  return rows.length > 0;
}

/** How many operations have not ended, by status; for metrics. */
export async function countUnfinishedOperations(
  context: FleetContext,
): Promise<Readonly<Record<'queued' | 'running' | 'cancelling', number>>> {
  const rows = await context.store.db
    .selectFrom('operations')
    .select(['status', sql<number>`count(*)`.as('n')])
    .where('status', 'in', ['queued', 'running', 'cancelling'])
    .groupBy('status')
    .execute();
  const counts = { queued: 0, running: 0, cancelling: 0 };
  for (const { status, n } of rows) {
    if (status === 'queued' || status === 'running' || status === 'cancelling') counts[status] = n;
  }
  return counts;
}
