import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StoreError, systemCodeOf } from '../store-error.ts';
import { type RunAs, runToEnd } from './run-as.ts';

/** Where the embedded server keeps what it owns: all below one folder of mode 0700. */
export interface StateDirectory {
  readonly root: string;
  /** PGDATA. */
  readonly cluster: string;
  /** Where initdb works before its result is renamed to `cluster`. */
  readonly clusterBeingMade: string;
  readonly socketDir: string;
}

/** In the name of the socket (PostgreSQL's default); nothing listens on a TCP port. */
const POSTGRES_PORT = 5432;

/** Linux allows 107 bytes in a socket address, macOS 103; `.s.PGSQL.5432` takes 14 of them. */
const socketDirMaxBytes = 88;

/** The places inside `root`. The socket folder moves to a short path where `root` is too long for one. */
export function stateDirectory(root: string): StateDirectory {
  const inside = join(root, 'socket');
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return {
    root,
    cluster: join(root, 'cluster'),
    clusterBeingMade: join(root, 'cluster.partial'),
    socketDir: Buffer.byteLength(inside) <= socketDirMaxBytes ? inside : join(tmpdir(), `longshore-${hash}`),
  };
}

/** The uid that owns the data directory, or undefined where there is none yet. */
export async function dataOwner(dirs: StateDirectory): Promise<number | undefined> {
  try {
    return (await stat(dirs.cluster)).uid;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes the folders, private to the identity PostgreSQL runs under.
 *
 * @returns that identity, able to pass closed parent folders where it has to
 * @throws StoreError `postgres_data_not_ours`, `postgres_data_unreachable`
 */
export async function prepareStateDirectory(dirs: StateDirectory, runAs: RunAs): Promise<RunAs> {
  // Missing parents get the usual mode: another uid has to pass them.
  await mkdir(dirname(dirs.root), { recursive: true });
  await mkdir(dirs.root, { recursive: true, mode: 0o700 });
  await makePrivate(dirs.root, runAs);
  await mkdir(dirs.socketDir, { recursive: true, mode: 0o700 });
  await makePrivate(dirs.socketDir, runAs);
  if (runAs.uid === undefined) return runAs;
  const probe = await runToEnd(runAs, '/bin/ls', [dirs.root], '/');
  if (probe.code === 0) return runAs;
  const stronger: RunAs = { ...runAs, passesClosedFolders: true };
  if (runAs.setpriv !== undefined && (await runToEnd(stronger, '/bin/ls', [dirs.root], '/')).code === 0) {
    return stronger;
  }
  throw new StoreError(
    'postgres_data_unreachable',
    `PostgreSQL runs as uid ${runAs.uid} and cannot reach ${dirs.root} (${probe.output.trim()}). ` +
      'Choose a data directory whose parent folders others may pass, such as /var/lib/longshore.',
  );
}

async function makePrivate(path: string, runAs: RunAs): Promise<void> {
  const found = await lstat(path);
  const wanted = runAs.uid ?? process.getuid?.();
  // The socket folder can lie in /tmp, where somebody else could have put a link or a folder of theirs.
  const ours = found.uid === wanted || found.uid === process.getuid?.();
  if (!found.isDirectory() || !ours) {
    throw new StoreError(
      'postgres_data_not_ours',
      `${path} belongs to uid ${found.uid}, not to the user PostgreSQL runs as (uid ${wanted}). ` +
        'Choose another data directory, or give this one to that user.',
    );
  }
  await chmod(path, 0o700);
  if (runAs.uid !== undefined && runAs.gid !== undefined) await chown(path, runAs.uid, runAs.gid);
}

/** Removes the socket folder where it lies outside the state directory. */
export async function removeOutsideSocketDir(dirs: StateDirectory): Promise<void> {
  if (dirs.socketDir.startsWith(`${dirs.root}/`)) return;
  await rm(dirs.socketDir, { recursive: true, force: true });
}

/**
 * Says in the state directory that this process looks after its server, until the returned function is called.
 * A claim whose process is gone is taken over.
 *
 * @throws StoreError `postgres_data_in_use` when another living process looks after it
 */
export async function claimSupervision(dirs: StateDirectory): Promise<() => Promise<void>> {
  const path = join(dirs.root, 'supervisor');
  const mine = `${process.pid} ${(await processStart(process.pid)) ?? '?'}`;
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    }
    const claim = await readIfThere(path);
    if (claim === undefined) continue;
    const [pid = '', start = ''] = claim.split(' ');
    // The start time tells a reused process id from the process that made the claim.
    if (start !== '' && (await processStart(Number(pid))) === start) {
      throw new StoreError(
        'postgres_data_in_use',
        `The database in ${dirs.root} is already in use by process ${pid}. ` +
          'Stop that one, or give this one another data directory.',
      );
    }
    await rm(path, { force: true });
  }
}

/** The process id in postmaster.pid, or undefined where there is no such file. */
export async function postmasterPid(dirs: StateDirectory): Promise<number | undefined> {
  return pidIn(join(dirs.cluster, 'postmaster.pid'));
}

async function pidIn(path: string): Promise<number | undefined> {
  const text = await readIfThere(path);
  const pid = Number(text?.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * Removes the lock files of a server that is dead but not reaped yet: its parent was killed too, and the machine's first
 * process takes its time, or never reaps at all (a container without an init). PostgreSQL takes such a zombie for a
 * living owner. Should children of it still run, the shared memory that they hold refuses the next server all the same.
 */
export async function removeLocksOfZombies(dirs: StateDirectory): Promise<void> {
  for (const path of [
    join(dirs.cluster, 'postmaster.pid'),
    join(dirs.socketDir, `.s.PGSQL.${POSTGRES_PORT}.lock`),
  ]) {
    const pid = await pidIn(path);
    if (pid !== undefined && (await processStat(pid))?.state === 'Z') await rm(path, { force: true });
  }
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A token that differs between two processes that had the same id; undefined when there is no such process. */
async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await processStat(pid);
    return stat?.state === 'Z' ? undefined : stat?.start;
  }
  return exists(pid) ? 'alive' : undefined;
}

/** What Linux says of a process, dead but unreaped ones (state Z) included; undefined elsewhere or where there is none. */
async function processStat(
  pid: number,
): Promise<{ readonly state: string; readonly start: string } | undefined> {
  if (process.platform !== 'linux') return undefined;
  const text = await readIfThere(`/proc/${pid}/stat`).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ESRCH') return undefined; // it ended while being read
    throw error;
  });
  if (text === undefined) return undefined;
  // proc(5): the state is field 3, the start time 22; the name in field 2 may hold spaces, so count from its bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}

/** Whether a process with this id runs. One that waits to be reaped does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return exists(pid) && (await processStat(pid))?.state !== 'Z';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
