import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unloadProfiles } from './apparmor.ts';
import { hostsWithCgroups, removeHostCgroups, removeTestbedCgroups } from './cgroups.ts';
import { powerOff } from './host-power.ts';
import { restoreKernelLimits } from './kernel-limits.ts';
import { BASE_DIR, layoutHost, layoutTestbed, namespacePrefix, testbedDir } from './layout.ts';
import { withMachineLock } from './machine-lock.ts';
import { listNamespaces, removeNamespace } from './network-namespace.ts';
import { isProcessAlive } from './process-identity.ts';
import { forgetPrefixes, unplugMachine } from './router.ts';
import { runCommand } from './run-command.ts';
import { listStates, type TestbedState } from './testbed-state.ts';

/**
 * Switches everything of a testbed off: processes, control groups, namespaces, links. Works from the name alone, on
 * whatever state a killed process left, and may run twice. Its disks stay.
 */
export async function stopTestbed(name: string): Promise<void> {
  // The slot shapes only addresses, which do not matter here.
  const testbed = layoutTestbed(name, 0);
  const dirs = existsSync(testbed.dir) ? await readdir(testbed.dir) : [];
  const ports = new Set([...dirs.filter((dir) => /^h\d+$/.test(dir)), ...(await hostsWithCgroups(name))]);
  await Promise.all(
    [...ports].map(async (port) => {
      const number = Number(port.slice(1));
      if (Number.isInteger(number)) await powerOff(testbed, layoutHost(testbed, number));
      else await removeHostCgroups(name, port);
    }),
  );
  await unplugMachine(testbed.clientLink);
  for (const namespace of await listNamespaces(namespacePrefix(name))) await removeNamespace(namespace);
  await forgetPrefixes(testbed);
  await removeTestbedCgroups(name);
  await unloadProfiles(testbed.dir);
}

/** Removes a stopped testbed's disks and state; with the last one, what all share. To be called under the machine lock. */
export async function eraseTestbed(name: string): Promise<void> {
  await runCommand(['rm', '-rf', '--one-file-system', testbedDir(name)]);
  if ((await listStates()).length > 0) return;
  await restoreKernelLimits();
  if (existsSync(BASE_DIR)) await rmdir(BASE_DIR);
}

/** Removes every testbed whose owner is dead; returns their names. To be called under the machine lock. */
export async function sweepLocked(): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const { name, state } of await listStates()) {
    if (!isDead(state)) continue;
    await stopTestbed(name);
    await eraseTestbed(name);
    swept.push(name);
  }
  return swept;
}

/** State is written under the lock before anything else, so a folder without one is a leftover too. */
function isDead(state: TestbedState | undefined): boolean {
  return state === undefined || (state.owner !== null && !isProcessAlive(state.owner));
}

/** Removes every testbed whose owning process has died, wherever it was killed; returns their names. */
export async function sweepTestbeds(): Promise<readonly string[]> {
  if (!existsSync(join(BASE_DIR))) return [];
  return withMachineLock(sweepLocked);
}
