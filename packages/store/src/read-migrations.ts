import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MigrationSet } from './migrate.ts';

/**
 * Reads a room's migrations from a folder: every `NNNN-name.sql`, in order.
 *
 * @param dirUrl for example `new URL('./migrations/', import.meta.url)`
 */
export async function readMigrations(room: string, dirUrl: URL): Promise<MigrationSet> {
  const directory = dirUrl.href.endsWith('/') ? dirUrl : new URL(`${dirUrl.href}/`);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const files = names.map(async (name) => ({
    id: basename(name, '.sql'),
    sql: await readFile(new URL(name, directory), 'utf8'),
  }));
  return { room, files: await Promise.all(files) };
}
