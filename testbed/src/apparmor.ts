import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

const APPARMOR = '/sys/kernel/security/apparmor';

/**
 * Unloads the AppArmor profiles that a testbed's daemons had loaded: a power cut gives them no time to do so. They
 * are known by the daemon's folder, which LXD and Incus put into each name (`lxd-c1_</var/lib/…>`).
 * Does nothing on kernels without AppArmor.
 */
export async function unloadProfiles(testbedDir: string): Promise<void> {
  if (!existsSync(`${APPARMOR}/profiles`)) return;
  const loaded = (await readFile(`${APPARMOR}/profiles`, 'utf8')).split('\n');
  for (const name of profilesOf(testbedDir, loaded)) await writeFile(`${APPARMOR}/.remove`, name);
}

/** Lines read `NAME (MODE)`. Children (`NAME//CHILD`) go with their parent. */
export function profilesOf(testbedDir: string, lines: readonly string[]): readonly string[] {
  return lines
    .map((line) => line.replace(/ \([a-z]+\)$/, ''))
    .filter((name) => name.includes(`<${testbedDir}/`) && !name.includes('//'));
}
