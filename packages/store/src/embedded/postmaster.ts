import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';
import { messageOf, StoreError, systemCodeOf } from '../store-error.ts';
import { type RunAs, spawnAs } from './run-as.ts';
import type { StateDirectory } from './state-directory.ts';

/** How a PostgreSQL server process ended. */
export interface PostmasterExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One running PostgreSQL server process. */
export interface Postmaster {
  readonly pid: number;
  readonly exited: Promise<PostmasterExit>;
  /** The last lines it wrote, newest last. */
  lastLines(): readonly string[];
  /** Sends a signal; SIGINT is a fast shutdown, SIGQUIT an immediate one. */
  signal(name: 'SIGINT' | 'SIGQUIT'): void;
  /** Lets our process end while this one runs. */
  unref(): void;
}

const keptLines = 30;

/** Starts the server process; it is not ready yet (see {@link waitUntilReady}). */
export function startPostmaster(
  program: string,
  args: readonly string[],
  dirs: StateDirectory,
  runAs: RunAs,
  log: Log,
): Postmaster {
  const all = ['-D', dirs.cluster, '-k', dirs.socketDir, ...args];
  const child = spawnAs(runAs, program, all, dirs.root);
  const lines: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      report(line, log);
    });
  }
  return {
    pid: child.pid ?? 0,
    exited: exitOf(child),
    lastLines: () => lines,
    signal: (name) => {
      child.kill(name);
    },
    unref: () => {
      child.unref();
      if (child.stderr instanceof Socket) child.stderr.unref();
    },
  };
}

function exitOf(child: ChildProcess): Promise<PostmasterExit> {
  return new Promise((resolve) => {
    // 'close' follows 'exit' once its last words are read.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
}

function report(line: string, log: Log): void {
  const severity = /^(WARNING|ERROR|FATAL|PANIC|LOG|HINT|DETAIL|STATEMENT|CONTEXT):/.exec(line)?.[1];
  // What it answers to our own knocking while it recovers is no news.
  if (/^FATAL: +the database system is /.test(line)) log.debug({ postgres: line }, 'PostgreSQL says');
  else if (severity === 'PANIC') log.error({ postgres: line }, 'PostgreSQL panicked');
  else if (severity === 'FATAL' || severity === 'WARNING') log.warn({ postgres: line }, 'PostgreSQL reports');
  // An ERROR reaches the client whose statement failed; here it would be told twice.
  else log.debug({ postgres: line }, 'PostgreSQL says');
}

/**
 * Waits until the server answers. Crash recovery may take long, so it waits as long as the process lives.
 *
 * @returns how it ended, when it ended before it was ready; undefined when it is ready
 * @throws StoreError `postgres_start_aborted`
 */
export async function waitUntilReady(
  postmaster: Postmaster,
  url: string,
  signal: AbortSignal | undefined,
): Promise<PostmasterExit | undefined> {
  let ended: PostmasterExit | undefined;
  void postmaster.exited.then((exit) => {
    ended = exit;
  });
  for (;;) {
    if (ended !== undefined) return ended;
    if (signal?.aborted) {
      throw new StoreError('postgres_start_aborted', 'The start of the embedded PostgreSQL was called off.');
    }
    if (await answers(url)) return undefined;
    await delay(20);
  }
}

/** What a server that is starting, recovering or not there yet answers. */
const notYetCodes = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', '57P03', 'EPIPE']);

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // the failing call below reports it
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if ((code !== undefined && notYetCodes.has(code)) || /terminated|timeout/.test(messageOf(error)))
      return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined); // it may never have been connected
  }
}
