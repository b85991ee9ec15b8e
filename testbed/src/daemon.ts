import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDaemonReady } from './admin-api.ts';
import { hostProcesses } from './cgroups.ts';
import { runInHost, startInHost, tail } from './host-power.ts';
import { killProcess } from './kill-process.ts';
import type { HostLayout, TestbedLayout } from './layout.ts';
import {
  identifyProcess,
  isProcessAlive,
  type ProcessIdentity,
  processIdentitySchema,
} from './process-identity.ts';
import { runCommand } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';
import type { HostKind } from './testbed-state.ts';
import { waitUntil } from './wait-until.ts';

/**
 * `stop` and `kill` (SIGTERM, SIGKILL) leave the instances running; `freeze` (SIGSTOP) is the nastiest fault: the
 * kernel goes on accepting connections and nobody answers them.
 */
export type DaemonVerb = 'start' | 'stop' | 'kill' | 'restart' | 'freeze' | 'thaw';

/** Debian's path of incusd first, then that of the upstream packages. */
const INCUSD_PATHS = ['/usr/libexec/incus/incusd', '/opt/incus/bin/incusd'];

/** A host with 100 instances that start by themselves is ready only after all of them: 49 s were measured. */
const START_TIMEOUT_MS = 180_000;

export function daemonLogPath(host: HostLayout): string {
  return join(host.dir, 'daemon.log');
}

/** The environment that makes a daemon or its CLI work on this host's directories. */
export function daemonEnvironment(host: HostLayout, kind: HostKind): Readonly<Record<string, string>> {
  const cliDir = join(host.dir, 'cli');
  switch (kind) {
    case 'lxd':
      return { LXD_DIR: host.daemonDir, LXD_CONF: cliDir };
    case 'incus':
      return { INCUS_DIR: host.daemonDir, INCUS_CONF: cliDir };
  }
}

function daemonCommand(host: HostLayout, kind: HostKind): readonly string[] {
  const log = `--logfile=${daemonLogPath(host)}`;
  switch (kind) {
    case 'lxd':
      return ['lxd', '--group', 'lxd', log];
    case 'incus':
      return [INCUSD_PATHS.find((path) => existsSync(path)) ?? 'incusd', '--group', 'incus-admin', log];
  }
}

/** The daemon's pid as seen from outside; undefined when it does not run. */
export async function daemonPid(host: HostLayout): Promise<number | undefined> {
  const identity = await recordedDaemon(host);
  return identity && isProcessAlive(identity) ? identity.pid : undefined;
}

async function recordedDaemon(host: HostLayout): Promise<ProcessIdentity | undefined> {
  const path = join(host.dir, 'daemon.pid');
  if (!existsSync(path)) return undefined;
  return processIdentitySchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Does the verb and resolves when it has taken effect (start: when the daemon is ready). Twice is safe. */
export async function commandDaemon(
  testbed: TestbedLayout,
  host: HostLayout,
  kind: HostKind,
  verb: DaemonVerb,
  signal?: AbortSignal,
): Promise<void> {
  switch (verb) {
    case 'start':
      return startDaemon(testbed, host, kind, signal);
    case 'stop':
      return endDaemon(host, 'SIGTERM', signal);
    case 'kill':
      return endDaemon(host, 'SIGKILL', signal);
    case 'restart':
      await endDaemon(host, 'SIGTERM', signal);
      return startDaemon(testbed, host, kind, signal);
    case 'freeze':
      return killProcess(await runningDaemon(host), 'SIGSTOP');
    case 'thaw':
      return killProcess(await runningDaemon(host), 'SIGCONT');
  }
}

async function runningDaemon(host: HostLayout): Promise<number> {
  const pid = await daemonPid(host);
  if (pid === undefined)
    throw new TestbedError('daemon-died', `the daemon of ${host.name} does not run: start it`);
  return pid;
}

async function startDaemon(
  testbed: TestbedLayout,
  host: HostLayout,
  kind: HostKind,
  signal: AbortSignal | undefined,
): Promise<void> {
  const running = await daemonPid(host);
  if (running === undefined) await launch(testbed, host, kind, signal);
  // A frozen one would never become ready.
  else killProcess(running, 'SIGCONT');
  await waitUntil(
    `the daemon of ${host.name} to be ready`,
    async () => {
      if (await isDaemonReady(host.socketPath)) return true;
      // Not by its network namespace: LXD tries out the kernel in another one while it starts.
      if ((await daemonPid(host)) !== undefined) return false;
      const said = `${await tail(daemonLogPath(host))}\n${await tail(join(host.dir, 'daemon.out'))}`;
      throw new TestbedError('daemon-died', `the daemon of ${host.name} ended at its start: ${said}`);
    },
    { timeoutMs: START_TIMEOUT_MS, everyMs: 40, signal },
  );
}

async function launch(
  testbed: TestbedLayout,
  host: HostLayout,
  kind: HostKind,
  signal: AbortSignal | undefined,
): Promise<void> {
  const innerPath = join(host.dir, 'daemon.inner');
  const pidPath = join(host.dir, 'daemon.pid');
  await rm(pidPath, { force: true });
  // It writes down the pid that it has inside the host; the kernel tells us which one that is outside.
  const script = 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec "$@"';
  // One that a killed process of ours had just started, and did not live to write down, is taken over.
  const isStray =
    existsSync(innerPath) && (await outerPid(testbed, host, await readInner(innerPath))) !== undefined;
  if (!isStray) {
    await rm(innerPath, { force: true });
    await startInHost(
      testbed,
      host,
      ['sh', '-c', script, innerPath, ...daemonCommand(host, kind)],
      daemonEnvironment(host, kind),
      join(host.dir, 'daemon.out'),
    );
  }
  await waitUntil(`the daemon of ${host.name} to start`, () => existsSync(innerPath), {
    timeoutMs: 30_000,
    signal,
  });
  const pid = await outerPid(testbed, host, await readInner(innerPath));
  const identity = pid === undefined ? undefined : identifyProcess(pid);
  if (!identity) {
    const said = await tail(join(host.dir, 'daemon.out'));
    throw new TestbedError('daemon-died', `the daemon of ${host.name} ended at once: ${said}`);
  }
  await writeFile(`${pidPath}.new`, JSON.stringify(identity));
  await rename(`${pidPath}.new`, pidPath);
}

async function readInner(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

/** proc_pid_status(5): NSpid lists a process's pid in each nested namespace, the innermost last. */
async function outerPid(
  testbed: TestbedLayout,
  host: HostLayout,
  inner: string,
): Promise<number | undefined> {
  for (const pid of await hostProcesses(testbed.name, host.port)) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const pids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
      if (pids.length === 2 && pids[1] === inner) return pid;
    } catch {
      // Ended meanwhile: not the one.
    }
  }
  return undefined;
}

async function endDaemon(
  host: HostLayout,
  how: 'SIGTERM' | 'SIGKILL',
  signal: AbortSignal | undefined,
): Promise<void> {
  const pid = await daemonPid(host);
  if (pid === undefined) return;
  killProcess(pid, how);
  // A frozen daemon acts on SIGTERM only once it is thawed.
  killProcess(pid, 'SIGCONT');
  await waitUntil(`the daemon of ${host.name} to end`, async () => (await daemonPid(host)) === undefined, {
    timeoutMs: 60_000,
    signal,
  });
  for (const file of ['daemon.pid', 'daemon.inner']) await rm(join(host.dir, file), { force: true });
}

export function cliProgram(kind: HostKind): 'lxc' | 'incus' {
  return kind === 'lxd' ? 'lxc' : 'incus';
}

/** Runs `lxc` or `incus` as the host's local administrator over its unix socket; returns its output. */
export async function runHostCli(
  host: HostLayout,
  kind: HostKind,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  return runCommand([cliProgram(kind), ...args], { env: daemonEnvironment(host, kind), signal });
}

/** Runs a command inside the host with the daemon's environment, so that `lxc` and `lxd` there mean this host. */
export async function runBesideDaemon(
  testbed: TestbedLayout,
  host: HostLayout,
  kind: HostKind,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  return runInHost(testbed, host, command, { env: daemonEnvironment(host, kind), signal });
}
