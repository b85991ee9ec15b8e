import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type InstanceExport, LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import { allOf } from '../lists/filter-sql.ts';
import type { ListQuery, Page } from '../lists/page.ts';
import { countUpTo } from '../lists/page.ts';
import { type Reach, reachesExport } from '../lists/reach.ts';
import type { ExportRow } from './exports-table.ts';

/** An export to download. Read `stream` to its end or destroy it. */
export type OpenExport = Readonly<{ export: InstanceExport; fileName: string; stream: Readable }>;

/**
 * One page of exports that have not expired, the newest first.
 *
 * @throws LongshoreError `bad-cursor`, `bad-filter` (this list has no fields)
 */
export async function listExports(
  context: FleetContext,
  query: ListQuery,
  reach: Reach = 'all',
): Promise<Page<InstanceExport>> {
  if (query.filter !== undefined && query.filter.trim() !== '') {
    throw new LongshoreError('bad-filter', 'The list of exports cannot be filtered.');
  }
  const { db } = context.store;
  const sort = query.sort ?? '-createdAt';
  const list: CursorList = { list: 'exports', sort, filter: undefined };
  const descending = sort.startsWith('-');
  const live = allOf([sql<boolean>`expires_at > now()`, ...reachesExport(reach)]);
  const cursor =
    query.cursor === undefined
      ? undefined
      : readCursor(query.cursor, list, [CURSOR_SHAPE.moment, CURSOR_SHAPE.uuid]);
  let page = db
    .selectFrom('exports')
    .selectAll()
    .select(sql<string>`to_char(created_at AT TIME ZONE 'UTC', ${sql.lit(MICROSECONDS)})`.as('moment'))
    .where(live)
    .orderBy('created_at', descending ? 'desc' : 'asc')
    .orderBy('id', descending ? 'desc' : 'asc')
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
  const total = cursor === undefined ? await countUpTo(db, sql`exports`, [live]) : cursor.total;
  const more = last !== undefined && rows.length > query.limit;
  return {
    items: shown.map(exportOf),
    next: more ? writeCursor(list, { after: [last.moment, last.id], total }) : null,
    total,
  };
}

/**
 * Opens an export for download.
 *
 * @throws LongshoreError `not-found`: none, expired, or kept by another process of this installation
 */
export async function openExport(context: FleetContext, id: string): Promise<OpenExport> {
  const row = await context.store.db
    .selectFrom('exports')
    .selectAll()
    .where('id', '=', id)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  if (row === undefined) throw noExport(id);
  try {
    // Opened before it is answered: an error after the first byte could no longer be told.
    const file = await open(join(context.dataDir, row.path), 'r');
    return {
      export: exportOf(row),
      fileName: `${row.instance_name}-${row.created_at.toISOString().slice(0, 19).replaceAll(':', '')}Z.tar.gz`,
      stream: createReadStream('', { fd: file }),
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new LongshoreError(
      'not-found',
      `The file of export ${id} is not in the data directory of this process.`,
      {
        hint: 'Ask the process that made it, or share the data directory between them; else export again.',
        cause: error,
      },
    );
  }
}

/** Deletes an export and its file. @throws LongshoreError `not-found` */
export async function deleteExport(context: FleetContext, id: string): Promise<void> {
  const row = await context.store.db
    .deleteFrom('exports')
    .where('id', '=', id)
    .returning('path')
    .executeTakeFirst();
  if (row === undefined) throw noExport(id);
  await rm(join(context.dataDir, row.path), { force: true });
}

/** Whether somebody may see, or take, an export. */
export async function isExportWithin(context: FleetContext, id: string, reach: Reach): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM exports WHERE id = ${id} AND ${allOf(reachesExport(reach))}`.execute(context.store.db);
  return rows.length > 0;
}

function exportOf(row: ExportRow): InstanceExport {
  return {
    id: row.id,
    instanceId: row.instance_id,
    instanceName: row.instance_name,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}

function noExport(id: string): LongshoreError {
  return new LongshoreError('not-found', `There is no export ${id}.`, {
    hint: 'Exports are kept for a day; export the instance again.',
  });
}
