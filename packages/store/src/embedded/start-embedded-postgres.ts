import { readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Log, silentLog } from '../log.ts';
import { StoreError, systemCodeOf } from '../store-error.ts';
import { type NativeBinaries, prepareNativeBinaries } from './native-binaries.ts';
import { type Postmaster, type PostmasterExit, startPostmaster, waitUntilReady } from './postmaster.ts';
import { chooseRunAs, type RunAs, runToEnd } from './run-as.ts';
import { embeddedSettings, type PostgresSettings, settingArguments } from './settings.ts';
import {
  claimSupervision,
  dataOwner,
  isAlive,
  postmasterPid,
  prepareStateDirectory,
  readIfThere,
  removeLocksOfZombies,
  removeOutsideSocketDir,
  type StateDirectory,
  stateDirectory,
} from './state-directory.ts';

/** What {@link startEmbeddedPostgres} needs. */
export interface EmbeddedPostgresOptions {
  /** Folder for everything the server keeps. Made where missing; its parents must be passable, see the README. */
  readonly dataDir: string;
  readonly log?: Log;
  /** PostgreSQL settings over our own ones. */
  readonly settings?: PostgresSettings;
  /** Calls the start off; after the start, stops the server. */
  readonly signal?: AbortSignal;
  /** Whether the running server keeps our event loop alive. Default true. */
  readonly keepProcessAlive?: boolean;
}

/** A running embedded PostgreSQL. If its process dies it is started again, at the same URL. */
export interface EmbeddedPostgres {
  /** Connection URL over the private unix socket; the database and the user are both `longshore`. */
  readonly url: string;
  /** Process id of the server that runs now, or ran last. */
  readonly pid: number;
  /** Shuts the server down (fast: clients are cut off, nothing acknowledged is lost). Twice is harmless. */
  stop(): Promise<void>;
  /** Calls back whenever the server process ends by itself; it is then started again. */
  onExit(callback: (exit: PostmasterExit) => void): void;
}

const stopPatienceMs = 30_000;
const orphanPatienceMs = 15_000;
/** Waits before the restarts of one outage; the last one repeats. The first is for the kernel to clear up. */
const restartDelaysMs = [50, 100, 100, 200, 400, 800, 1600, 3200, 5000] as const;
/** An outage is over once the server ran this long. */
const steadyAfterMs = 30_000;

/**
 * Starts the PostgreSQL that comes with Longshore, making its data directory on the first start.
 * Our own launcher: as root it drops to an unprivileged account; it recovers from kill -9 of the server, of
 * ourselves or of both; a second starter on the same folder is refused.
 *
 * @throws StoreError with a `postgres_…` code
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? silentLog;
  const dirs = stateDirectory(resolve(options.dataDir));
  const runAs = await prepareStateDirectory(dirs, await chooseRunAs(await dataOwner(dirs)));
  const releaseClaim = await claimSupervision(dirs);
  try {
    const binaries = await prepareNativeBinaries(dirs.root, runAs);
    await endOrphan(dirs, log);
    await prepareCluster(dirs, binaries, runAs, options.settings ?? {}, log);
    const args = settingArguments(embeddedSettings, options.settings ?? {});
    const start = () => startPostmaster(binaries.postgres, args, dirs, runAs, log);
    const adminUrl = urlFor(dirs, 'postgres');
    const first = await startFirst(start, adminUrl, dirs, log, options.signal);
    await createDatabase(adminUrl);
    if (options.keepProcessAlive === false) first.unref();
    const server = supervise(first, start, adminUrl, dirs, releaseClaim, log);
    options.signal?.addEventListener('abort', () => void server.stop(), { once: true });
    return server;
  } catch (error) {
    await releaseClaim();
    await removeOutsideSocketDir(dirs);
    throw error;
  }
}

/**
 * The URL of an embedded server that another process runs on this folder; for commands beside a running Longshore.
 * It exists as long as that process runs.
 */
export function embeddedPostgresUrl(dataDir: string): string {
  return urlFor(stateDirectory(resolve(dataDir)), 'longshore');
}

function urlFor(dirs: StateDirectory, database: string): string {
  return `postgresql://longshore@${encodeURIComponent(dirs.socketDir)}/${database}`;
}

/** Ends a server whose Longshore was killed: with setpriv it is ending already, elsewhere it would stay. */
async function endOrphan(dirs: StateDirectory, log: Log): Promise<void> {
  const pid = await postmasterPid(dirs);
  if (pid === undefined || !(await isAlive(pid)) || !(await isPostgresOf(pid, dirs))) {
    return removeLocksOfZombies(dirs);
  }
  log.warn({ pid }, 'a PostgreSQL of an earlier run is still there; ending it');
  for (const [signal, patienceMs] of [
    ['SIGINT', orphanPatienceMs],
    ['SIGQUIT', orphanPatienceMs],
  ] as const) {
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs && (await isAlive(pid)); waitedMs += 50) await delay(50);
    if (!(await isAlive(pid))) return removeLocksOfZombies(dirs);
  }
  throw new StoreError(
    'postgres_data_in_use',
    `A PostgreSQL of an earlier run (process ${pid}) holds ${dirs.cluster} and does not end. End it by hand.`,
  );
}

async function isPostgresOf(pid: number, dirs: StateDirectory): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  return (await readIfThere(`/proc/${pid}/cmdline`))?.includes(dirs.cluster) ?? false;
}

async function prepareCluster(
  dirs: StateDirectory,
  binaries: NativeBinaries,
  runAs: RunAs,
  settings: PostgresSettings,
  log: Log,
): Promise<void> {
  const version = (await readIfThere(join(dirs.cluster, 'PG_VERSION')))?.trim();
  if (version === String(binaries.major)) return;
  if (version !== undefined) {
    throw new StoreError(
      'postgres_data_wrong_major',
      `${dirs.cluster} was made by PostgreSQL ${version}; this Longshore brings PostgreSQL ${binaries.major}. ` +
        `Make a backup with the Longshore that made it, move the folder away, and restore into the new one.`,
    );
  }
  await refuseForeignFiles(dirs.cluster);
  log.info({ dataDir: dirs.root }, 'making the database');
  await rm(dirs.clusterBeingMade, { recursive: true, force: true });
  const args = ['-D', dirs.clusterBeingMade, '-U', 'longshore', '--encoding=UTF8', '--data-checksums'];
  // The built-in locale sorts the same on every machine and release; the libc's does not.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  // Whoever may enter the 0700 socket folder is us; there is no other way in.
  args.push('--auth-local=trust', '--auth-host=reject');
  if (settings.fsync === 'off') args.push('--no-sync');
  const report = await runToEnd(runAs, binaries.initdb, args, dirs.root);
  if (report.code !== 0) {
    throw new StoreError(
      'postgres_start_failed',
      `The database could not be made in ${dirs.root}: ${report.output.trim()}`,
    );
  }
  // Only a complete cluster ever bears the final name: a first start that is killed simply begins again.
  await rename(dirs.clusterBeingMade, dirs.cluster);
}

async function refuseForeignFiles(cluster: string): Promise<void> {
  try {
    if ((await readdir(cluster)).length === 0) {
      await rm(cluster, { recursive: true });
      return;
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  throw new StoreError(
    'postgres_data_not_ours',
    `${cluster} holds files but no PostgreSQL database. Choose another data directory, or move them away.`,
  );
}

/** Starts until ready; a first start is not tried again, except where the kernel still clears a dead one up. */
async function startFirst(
  start: () => Postmaster,
  url: string,
  dirs: StateDirectory,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<Postmaster> {
  for (let attempt = 0; ; attempt += 1) {
    const postmaster = start();
    try {
      const exit = await waitUntilReady(postmaster, url, signal);
      if (exit === undefined) return postmaster;
    } catch (error) {
      postmaster.signal('SIGINT');
      await postmaster.exited;
      throw error;
    }
    const said = postmaster.lastLines().join('\n');
    // After kill -9 of a postmaster its children take a moment to notice and let the shared memory go.
    if (/pre-existing shared memory block/.test(said) && attempt < 100) {
      await delay(100);
      continue;
    }
    if (/lock file ".*" already exists/.test(said)) {
      // An orphan that had written no lock yet when we looked for one: its Longshore was killed as it started it.
      if (attempt < 100) {
        await delay(100);
        await endOrphan(dirs, log);
        continue;
      }
      throw new StoreError(
        'postgres_data_in_use',
        `The database in ${dirs.root} is already in use by another PostgreSQL (${said.trim()}).`,
      );
    }
    throw new StoreError('postgres_start_failed', `PostgreSQL did not start in ${dirs.root}: ${said.trim()}`);
  }
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'longshore'`);
    if (rowCount === 0) await client.query('create database longshore');
  } finally {
    await client.end();
  }
}

function supervise(
  first: Postmaster,
  start: () => Postmaster,
  adminUrl: string,
  dirs: StateDirectory,
  releaseClaim: () => Promise<void>,
  log: Log,
): EmbeddedPostgres {
  let current = first;
  let stopped: Promise<void> | undefined;
  const stopping = new AbortController();
  const listeners: Array<(exit: PostmasterExit) => void> = [];
  // Without setpriv nobody else tells the server that we go.
  const endWithUs = () => current.signal('SIGINT');
  process.on('exit', endWithUs);

  const watch = async (): Promise<void> => {
    let failures = 0;
    for (;;) {
      const startedMs = performance.now();
      const exit = await current.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedMs > steadyAfterMs) failures = 0;
      const waitMs = restartDelaysMs[Math.min(failures, restartDelaysMs.length - 1)];
      failures += 1;
      log.error(
        { ...exit, pid: current.pid, restartInMs: waitMs, lastLines: current.lastLines().slice(-5) },
        'the embedded PostgreSQL ended; starting it again',
      );
      for (const listener of listeners) listener(exit);
      await delay(waitMs);
      if (stopping.signal.aborted) return;
      current = start();
      const ready = waitUntilReady(current, adminUrl, stopping.signal);
      void ready.then(
        (ended) => ended ?? log.info({ pid: current.pid }, 'the embedded PostgreSQL answers again'),
        (error: unknown) => log.debug({ error }, 'gave up waiting for the embedded PostgreSQL'),
      );
    }
  };
  const watching = watch();

  const stop = async (): Promise<void> => {
    stopping.abort();
    current.signal('SIGINT');
    const impatient = setTimeout(() => current.signal('SIGQUIT'), stopPatienceMs);
    await current.exited;
    clearTimeout(impatient);
    await watching;
    process.off('exit', endWithUs);
    await removeOutsideSocketDir(dirs);
    await releaseClaim();
  };

  return {
    url: urlFor(dirs, 'longshore'),
    get pid() {
      return current.pid;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
    onExit: (callback) => {
      listeners.push(callback);
    },
  };
}
