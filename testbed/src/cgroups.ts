import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { killProcess } from './kill-process.ts';
import { waitUntil } from './wait-until.ts';

const ROOT = '/sys/fs/cgroup';
const OURS = 'lbed';

/**
 * The control group hierarchies of this machine: the one of pure v2, or each of v1 with v2 beside them (hybrid).
 * Links such as `cpu -> cpu,cpuacct` are left out.
 */
async function hierarchies(): Promise<readonly string[]> {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  const entries = await readdir(ROOT);
  return entries
    .map((entry) => join(ROOT, entry))
    .filter((path) => lstatSync(path).isDirectory() && existsSync(join(path, 'cgroup.procs')));
}

async function groupsOf(testbed: string, host: string): Promise<readonly string[]> {
  return (await hierarchies()).map((hierarchy) => join(hierarchy, OURS, testbed, host));
}

/** Makes a host's groups, one in each hierarchy, and returns their paths: a process must join all of them. */
export async function makeHostCgroups(testbed: string, host: string): Promise<readonly string[]> {
  const made: string[] = [];
  for (const hierarchy of await hierarchies()) {
    let at = hierarchy;
    for (const part of [OURS, testbed, host]) {
      await delegateControllers(at);
      const parent = at;
      at = join(at, part);
      await mkdir(at, { recursive: true });
      await inheritCpuset(parent, at);
    }
    made.push(at);
  }
  return made;
}

/**
 * Where a process that enters a running host belongs. Under v2 a group that hands controllers on may hold no
 * process itself, so PID 1 of the host moves to `init.scope`, the leaf that liblxc expects.
 */
export async function enterableCgroups(testbed: string, host: string): Promise<readonly string[]> {
  const groups = await groupsOf(testbed, host);
  return groups.map((group) => {
    const leaf = join(group, 'init.scope');
    return existsSync(leaf) ? leaf : group;
  });
}

/** v2 only: what the parent may control, its children may. In v1 the file does not exist. */
async function delegateControllers(group: string): Promise<void> {
  const path = join(group, 'cgroup.controllers');
  if (!existsSync(path)) return;
  for (const controller of (await readFile(path, 'utf8')).trim().split(' ').filter(Boolean)) {
    try {
      await writeFile(join(group, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // One that this machine does not let us delegate (cpu with realtime tasks, say): the host does without it.
    }
  }
}

/** v1 only: a new cpuset group is empty, and refuses processes until it has CPUs and memory nodes. */
async function inheritCpuset(parent: string, child: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (!existsSync(join(child, file)) || existsSync(join(child, 'cgroup.controllers'))) continue;
    if ((await readFile(join(child, file), 'utf8')).trim() !== '') continue;
    await writeFile(join(child, file), await readFile(join(parent, file), 'utf8'));
  }
}

/** Every process of a host, seen from outside: its PID 1, daemon, containers, and those that entered it. */
export async function hostProcesses(testbed: string, host: string): Promise<readonly number[]> {
  const pids = new Set<number>();
  for (const group of await groupsOf(testbed, host)) await collectProcesses(group, pids);
  return [...pids];
}

async function collectProcesses(group: string, pids: Set<number>): Promise<void> {
  let text: string;
  let children: string[];
  try {
    text = await readFile(join(group, 'cgroup.procs'), 'utf8');
    children = (await readdir(group, { withFileTypes: true }))
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
  } catch {
    // The group vanished while we looked (a container stopped), or was never made: no processes.
    return;
  }
  for (const pid of text.split('\n').filter(Boolean)) pids.add(Number(pid));
  for (const child of children) await collectProcesses(join(group, child), pids);
}

/** Kills whatever lives in a host's groups and removes them; resolves when no group is left. */
export async function removeHostCgroups(testbed: string, host: string): Promise<void> {
  await waitUntil(
    `control groups of ${host} in testbed ${testbed} to be empty`,
    async () => {
      for (const pid of await hostProcesses(testbed, host)) killProcess(pid, 'SIGKILL');
      const groups = await groupsOf(testbed, host);
      for (const group of groups) await removeTree(group);
      return !groups.some((group) => existsSync(group));
    },
    { timeoutMs: 30_000, everyMs: 30 },
  );
}

/** Removes the testbed's own level, and the one above it when no other testbed is up. */
export async function removeTestbedCgroups(testbed: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    for (const group of [join(hierarchy, OURS, testbed), join(hierarchy, OURS)]) await tryRemove(group);
  }
}

/** Names of the hosts of a testbed that still have groups. */
export async function hostsWithCgroups(testbed: string): Promise<readonly string[]> {
  const hosts = new Set<string>();
  for (const hierarchy of await hierarchies()) {
    const dir = join(hierarchy, OURS, testbed);
    if (!existsSync(dir)) continue;
    for (const entry of await readdir(dir, { withFileTypes: true }))
      if (entry.isDirectory()) hosts.add(entry.name);
  }
  return [...hosts];
}

async function removeTree(group: string): Promise<void> {
  let children: string[];
  try {
    children = (await readdir(group, { withFileTypes: true }))
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
  } catch {
    // Already gone.
    return;
  }
  for (const child of children) await removeTree(join(group, child));
  await tryRemove(group);
}

async function tryRemove(group: string): Promise<void> {
  try {
    await rmdir(group);
  } catch {
    // Busy (another testbed, or a process that is still dying) or gone: the caller looks at what is left.
  }
}

/** Memory charged to a host: all its processes and their page cache, in bytes. */
export async function hostMemoryBytes(testbed: string, host: string): Promise<number> {
  for (const group of await groupsOf(testbed, host)) {
    for (const file of ['memory.current', 'memory.usage_in_bytes']) {
      if (existsSync(join(group, file))) return Number((await readFile(join(group, file), 'utf8')).trim());
    }
  }
  return 0;
}
