import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { enterableCgroups, hostProcesses, makeHostCgroups, removeHostCgroups } from './cgroups.ts';
import { killProcess } from './kill-process.ts';
import type { HostLayout, TestbedLayout } from './layout.ts';
import { inNamespace, livesIn } from './network-namespace.ts';
import { type RunOptions, runCommand, SYSTEM_PATH } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';
import { waitUntil } from './wait-until.ts';

const shellDir = join(import.meta.dirname, 'shell');

/** PID 1 of the host as seen from outside; undefined when the host is off. */
export async function hostInitPid(host: HostLayout): Promise<number | undefined> {
  const path = join(host.dir, 'init.pid');
  const pid = existsSync(path) ? Number((await readFile(path, 'utf8')).trim()) : undefined;
  return livesIn(pid, host.namespace) ? pid : undefined;
}

/** Boots the host: its PID 1 in namespaces and control groups of its own. Resolves when its mounts are made. */
export async function powerOn(testbed: TestbedLayout, host: HostLayout, signal?: AbortSignal): Promise<void> {
  if ((await hostInitPid(host)) !== undefined) return;
  await mkdir(host.dir, { recursive: true, mode: 0o711 });
  // What a killed process left of an earlier boot.
  if ((await hostProcesses(testbed.name, host.port)).length > 0) await powerOff(testbed, host);
  await rm(join(host.dir, 'init.pid'), { force: true });
  const groups = await makeHostCgroups(testbed.name, host.port);
  const logPath = join(host.dir, 'init.log');
  const child = await spawnDetached(
    [
      ...['sh', join(shellDir, 'join-cgroups.sh'), groups.join(':')],
      ...inNamespace(host.namespace),
      ...['unshare', '-m', '-u', '-i', '-p', '-C', '-f'],
      ...['bash', join(shellDir, 'host-init.sh'), host.name, host.dir, `${testbed.net4}.1`, testbed.domain],
    ],
    {},
    logPath,
  );
  await waitUntil(
    `${host.name} to boot`,
    async () => {
      if (child.exitCode !== null)
        throw new TestbedError('command-failed', `${host.name} did not boot: ${await tail(logPath)}`);
      return (await hostInitPid(host)) !== undefined;
    },
    { timeoutMs: 30_000, signal },
  );
}

/**
 * Cuts the power: PID 1 dies by SIGKILL, and the kernel takes every process, mount and loop device of the host with
 * it. Resolves when nothing of it is left but its disk.
 */
export async function powerOff(testbed: TestbedLayout, host: HostLayout): Promise<void> {
  const pid = await hostInitPid(host);
  if (pid !== undefined) {
    killProcess(pid, 'SIGKILL');
    await waitUntil(`PID 1 of ${host.name} to die`, () => !livesIn(pid, host.namespace), {
      timeoutMs: 30_000,
    });
  }
  await removeHostCgroups(testbed.name, host.port);
  await waitUntil(`loop devices of ${host.name} to be free`, async () => !(await usesLoopDevice(host)), {
    timeoutMs: 30_000,
  });
  for (const file of ['init.pid', 'daemon.pid', 'daemon.inner'])
    await rm(join(host.dir, file), { force: true });
}

async function usesLoopDevice(host: HostLayout): Promise<boolean> {
  for (const device of await readdir('/sys/block')) {
    const path = `/sys/block/${device}/loop/backing_file`;
    if (!existsSync(path)) continue;
    try {
      if ((await readFile(path, 'utf8')).startsWith(`${host.dir}/`)) return true;
    } catch {
      // Detached between the two looks: free.
    }
  }
  return false;
}

/** The words before a command that make it run inside the host. Throws `host-off`. */
export async function entering(testbed: TestbedLayout, host: HostLayout): Promise<readonly string[]> {
  const pid = await hostInitPid(host);
  if (pid === undefined)
    throw new TestbedError('host-off', `${host.name} of testbed ${testbed.name} is off: power it on`);
  const groups = await enterableCgroups(testbed.name, host.port);
  return [
    ...['sh', join(shellDir, 'join-cgroups.sh'), groups.join(':')],
    ...['nsenter', '-t', String(pid), '-m', '-u', '-i', '-n', '-p', '-C', '--'],
  ];
}

/** Runs a command inside the host's namespaces and returns its output. Throws `host-off` or `command-failed`. */
export async function runInHost(
  testbed: TestbedLayout,
  host: HostLayout,
  command: readonly string[],
  options?: RunOptions,
): Promise<string> {
  return runCommand([...(await entering(testbed, host)), ...command], options);
}

/** Starts a command inside the host that outlives us; its output goes to a file. */
export async function startInHost(
  testbed: TestbedLayout,
  host: HostLayout,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  logPath: string,
): Promise<void> {
  await spawnDetached([...(await entering(testbed, host)), ...command], env, logPath);
}

async function spawnDetached(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  logPath: string,
): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const log = await open(logPath, 'w');
  try {
    const child = spawn(program, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: SYSTEM_PATH, HOME: '/root', LANG: 'C.UTF-8', ...env },
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** The end of a log, for error messages. */
export async function tail(path: string): Promise<string> {
  if (!existsSync(path)) return '(no log)';
  return (await readFile(path, 'utf8')).slice(-1500).trim();
}
