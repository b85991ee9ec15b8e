import { existsSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../embedded/start-embedded-postgres.ts';
import { isAlive } from '../embedded/state-directory.ts';
import type { Log } from '../log.ts';
import { fastFolder } from './fast-folder.ts';

/** A throw-away PostgreSQL server for tests. */
export interface TestPostgres {
  /** URL of an administrator; hand it to test processes as `LONGSHORE_TEST_DATABASE`. */
  readonly adminUrl: string;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Durability is given up here and nowhere else: these files do not outlive the run. */
const testSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  autovacuum: 'off',
} as const;

/**
 * Starts a PostgreSQL in a temporary folder. A test runner calls it once for the whole run. It does not keep
 * the process alive, and goes with the process however that ends.
 */
export async function startTestPostgres(log?: Log): Promise<TestPostgres> {
  const place = await fastFolder();
  await removeLeftovers(place);
  const folder = await mkdtemp(join(place, `longshore-test-${process.pid}-`));
  await chmod(folder, 0o711); // the account that PostgreSQL drops to has to pass it
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    settings: testSettings,
    keepProcessAlive: false,
    ...(log === undefined ? {} : { log }),
  });
  // Too late for anything asynchronous: end the server at once and clear up behind it.
  const removeAtExit = () => {
    process.kill(server.pid, 'SIGQUIT');
    waitUntilGone(join(folder, 'postgres/cluster/postmaster.pid'));
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  process.on('exit', removeAtExit);
  return {
    adminUrl: server.url,
    stop: async () => {
      process.off('exit', removeAtExit);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A run that was killed could not clear up, and its files may lie in memory. Their names tell whose they are. */
async function removeLeftovers(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const pid = /^longshore-test-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || (await isAlive(Number(pid)))) continue;
    await rm(join(place, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

const exitPatienceMs = 3000;

/** The server removes its pid file last. Blocking is right here: the event loop has ended. */
function waitUntilGone(pidFile: string): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; existsSync(pidFile) && waitedMs < exitPatienceMs; waitedMs += 10) {
    Atomics.wait(cell, 0, 0, 10);
  }
}
