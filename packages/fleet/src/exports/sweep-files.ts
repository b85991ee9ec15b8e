import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { EXPORTS_FOLDER } from './export-instance.ts';
import './exports-table.ts';
import { IMPORTS_FOLDER } from './import-instance.ts';

/** A file younger than this may belong to an upload whose operation is not committed yet. */
const YOUNG_MS = 60 * 60_000;
const FILE = /^([0-9a-f-]{36})\.(?:tar\.gz|backup)(?:\.part)?$/;

/**
 * Forgets expired exports, and removes files of this process's data directory that nothing needs any more: expired or
 * deleted exports, and what is left of uploads and exports whose operation has ended. Files it did not name are left.
 */
export async function sweepFiles(context: FleetContext): Promise<void> {
  await context.store.db.deleteFrom('exports').where(sql<boolean>`expires_at <= now()`).execute();
  for (const folder of [EXPORTS_FOLDER, IMPORTS_FOLDER]) {
    const path = join(context.dataDir, folder);
    for (const name of await filesOf(path)) {
      const id = FILE.exec(name)?.[1];
      if (id === undefined || (await isNeeded(context, id))) continue;
      const { mtimeMs } = await stat(join(path, name));
      if (context.clock().getTime() - mtimeMs > YOUNG_MS) await rm(join(path, name), { force: true });
    }
  }
}

async function isNeeded(context: FleetContext, id: string): Promise<boolean> {
  const { db } = context.store;
  const kept = await db.selectFrom('exports').select('id').where('id', '=', id).executeTakeFirst();
  if (kept !== undefined) return true;
  const unfinished = await db
    .selectFrom('operations')
    .select('id')
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return unfinished !== undefined;
}

async function filesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
