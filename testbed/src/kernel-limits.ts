import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BASE_DIR } from './layout.ts';
import { bootId } from './process-identity.ts';

/**
 * Machine-wide limits that many containers run into. All of them share uid 100000, and one with systemd takes
 * 9 inotify instances and 20 keys of it: the usual 128 and 200 end at 10 to 14 containers.
 */
const RAISED: Readonly<Record<string, number>> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 1_048_576,
  'kernel/keys/maxkeys': 5000,
  'kernel/keys/maxbytes': 2_000_000,
  'kernel/pid_max': 262_144,
  'net/ipv4/neigh/default/gc_thresh3': 8192,
  'net/ipv6/neigh/default/gc_thresh3': 8192,
};

const savedSchema = z.object({ bootId: z.string(), values: z.record(z.string(), z.string()) });
const savedPath = join(BASE_DIR, 'sysctl.json');

/** Raises what is lower, and remembers on disk what it was. To be called under the machine lock; twice is safe. */
export async function raiseKernelLimits(): Promise<void> {
  const known = await readSaved();
  const values: Record<string, string> = { ...known };
  const toRaise: [string, number][] = [];
  for (const [key, wanted] of Object.entries(RAISED)) {
    const path = join('/proc/sys', key);
    if (!existsSync(path)) continue;
    const now = (await readFile(path, 'utf8')).trim();
    if (Number(now) >= wanted) continue;
    values[key] ??= now;
    toRaise.push([path, wanted]);
  }
  if (toRaise.length === 0) return;
  await writeFile(savedPath, JSON.stringify({ bootId: bootId(), values }));
  for (const [path, wanted] of toRaise) await writeFile(path, String(wanted));
}

/** Puts the limits back as they were. To be called under the machine lock, when the last testbed is gone. */
export async function restoreKernelLimits(): Promise<void> {
  for (const [key, value] of Object.entries(await readSaved()))
    await writeFile(join('/proc/sys', key), value);
  await rm(savedPath, { force: true });
}

async function readSaved(): Promise<Readonly<Record<string, string>>> {
  if (!existsSync(savedPath)) return {};
  const saved = savedSchema.safeParse(JSON.parse(await readFile(savedPath, 'utf8')));
  // A reboot has put them back already.
  return saved.success && saved.data.bootId === bootId() ? saved.data.values : {};
}
