import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The process id of the embedded PostgreSQL of a data folder, from its `postmaster.pid`. */
export async function databasePid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'pg/cluster/postmaster.pid'), 'utf8');
  const pid = Number(text.split('\n')[0]);
  // A pid of 0 or -1 would make a signal reach a whole group.
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no PostgreSQL runs on ${dataDir}`);
  return pid;
}
