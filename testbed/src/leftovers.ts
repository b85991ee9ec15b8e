import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { hostsWithCgroups } from './cgroups.ts';
import { layoutTestbed, namespacePrefix, testbedDir } from './layout.ts';
import { listNamespaces } from './network-namespace.ts';

/**
 * Everything on this machine that belongs to a testbed, one line each; empty when nothing is left of it. Looks at
 * the machine and not at what we remember: network namespaces, links, control groups, mounts, loop devices,
 * processes, folders.
 */
export async function findLeftovers(name: string): Promise<readonly string[]> {
  const dir = testbedDir(name);
  const found: string[] = [];
  for (const namespace of await listNamespaces(namespacePrefix(name)))
    found.push(`network namespace ${namespace}`);
  const link = layoutTestbed(name, 0).clientLink;
  if (existsSync(`/sys/class/net/${link}`)) found.push(`link ${link}`);
  for (const host of await hostsWithCgroups(name)) found.push(`control group of ${host}`);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  for (const line of mounts.split('\n')) {
    if (line.includes(`${dir}/`) || line.includes(`/${namespacePrefix(name)}`)) found.push(`mount ${line}`);
  }
  for (const device of await readdir('/sys/block')) {
    const backing = `/sys/block/${device}/loop/backing_file`;
    const file = existsSync(backing) ? await readFile(backing, 'utf8').catch(noLongerThere) : '';
    if (file.startsWith(`${dir}/`)) found.push(`loop device ${device}`);
  }
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(noLongerThere);
    if (command.includes(`${dir}/`)) found.push(`process ${pid} ${command.replaceAll('\0', ' ')}`);
  }
  if (existsSync(dir)) found.push(`folder ${dir}`);
  return found;
}

/** Processes and devices come and go while we look. */
function noLongerThere(): string {
  return '';
}
