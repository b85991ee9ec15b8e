import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** As `npm start` runs the server (package.json). */
const SERVER_FLAGS = ['--max-semi-space-size=2', '--optimize-for-size'];

/** `longshore serve` gives itself 30 s to stop in order. */
const END_LIMIT_MS = 60_000;

/** What `longshore serve --announce` prints as one JSON line when it answers. */
const Announcement = z.object({
  event: z.literal('ready'),
  url: z.string(),
  token: z.string().optional(),
  setupUrl: z.string().optional(),
  dns: z.array(z.object({ host: z.string(), port: z.number() })).default([]),
});

/** How to start a server for a test, a bench or the demo. */
export type LongshoreOptions = Readonly<{
  /** Default: a new temporary folder, removed by `stop()`. */
  dataDir?: string;
  env?: NodeJS.ProcessEnv;
  args?: readonly string[];
  /** A token that is known already, from an earlier start on the same data. */
  token?: string;
  /** Default 60 s. */
  readyLimitMs?: number;
}>;

/** A whole Longshore as a process of its own: the program that users run, with its own database. */
export type LongshoreProcess = Readonly<{
  url: string;
  /** The administrator's token of the first start. */
  token: string;
  dataDir: string;
  /** Where it answers for names. */
  dns: readonly { host: string; port: number }[];
  pid: number;
  /** From spawn to ready, in milliseconds. */
  readyAfterMs: number;
  /** What it has written so far. */
  output(): string;
  /** Resident memory of the server process without PostgreSQL, in bytes. */
  residentBytes(): Promise<number>;
  /** Ends it with a signal and waits until it is gone; its data stay. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Ends it in order and removes a temporary data folder. */
  stop(): Promise<void>;
}>;

/**
 * Starts `longshore serve` on a free port of the loopback interface and waits until it answers.
 * @throws Error with the program's output when it does not get ready.
 */
export async function startLongshore(options: LongshoreOptions = {}): Promise<LongshoreProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'longshore-')));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...SERVER_FLAGS, join(ROOT, 'apps/server/src/main.ts'), 'serve', '--announce', ...(options.args ?? [])],
    {
      cwd: ROOT,
      env: { ...process.env, LONGSHORE_LISTEN: '127.0.0.1:0', ...options.env, LONGSHORE_DATA: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > 5000) lines.splice(0, 1000);
  };
  createInterface({ input: child.stderr }).on('line', keep);
  const ready = await untilReady(child, keep, options.readyLimitMs ?? 60_000, () => lines.join('\n'));
  const token = ready.token ?? options.token;
  if (token === undefined)
    throw new Error('this data folder was used before: give the token of its first start');
  const { pid } = child;
  if (pid === undefined) throw new Error('the server has no process id');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await gone;
    clearTimeout(patience);
  };
  return {
    url: ready.url,
    token,
    dataDir,
    dns: ready.dns,
    pid,
    readyAfterMs: performance.now() - started,
    output: () => lines.join('\n'),
    residentBytes: () => residentBytes(pid),
    end,
    stop: async () => {
      await end('SIGTERM');
      // A database that is still ending may write once more.
      const again = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };
      if (options.dataDir === undefined) await rm(dataDir, again);
    },
  };
}

function untilReady(
  child: ChildProcess,
  keep: (line: string) => void,
  limitMs: number,
  output: () => string,
) {
  return new Promise<z.infer<typeof Announcement>>((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      reject(new Error(`longshore ${reason}; it said:\n${output()}`));
    };
    const limit = setTimeout(() => fail(`was not ready after ${limitMs / 1000} s`), limitMs);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended (${signal ?? code}) before it was ready`));
    if (child.stdout === null) return fail('has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      if (!line.startsWith('{"event":"ready"')) return;
      clearTimeout(limit);
      child.removeAllListeners('exit');
      resolve(Announcement.parse(JSON.parse(line)));
    });
  });
}

/** VmRSS of a process (proc_pid_status(5)), in bytes. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
