import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalSocket } from '@longshore/contract';
import type { FleetContext } from '../fleet-context.ts';

/** Where LXD (snap and package) and Incus put their sockets; the variables are those of the daemons themselves. */
function candidates(
  environment: NodeJS.ProcessEnv,
): readonly { readonly path: string; readonly kind: LocalSocket['kind'] }[] {
  const { LXD_DIR, INCUS_DIR } = environment;
  return [
    ...(LXD_DIR ? [{ path: join(LXD_DIR, 'unix.socket'), kind: 'lxd' } as const] : []),
    ...(INCUS_DIR ? [{ path: join(INCUS_DIR, 'unix.socket'), kind: 'incus' } as const] : []),
    { path: '/var/snap/lxd/common/lxd/unix.socket', kind: 'lxd' },
    { path: '/var/lib/lxd/unix.socket', kind: 'lxd' },
    { path: '/run/incus/unix.socket', kind: 'incus' },
    { path: '/var/lib/incus/unix.socket', kind: 'incus' },
  ];
}

/** LXD and Incus sockets on this machine, with the host that each already is. Nothing is sent to them. */
export async function listLocalSockets(
  context: FleetContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly LocalSocket[]> {
  const found: LocalSocket[] = [];
  for (const { path, kind } of candidates(environment)) {
    if (found.some((one) => one.path === path) || !(await isSocket(path))) continue;
    const host = await context.store.db
      .selectFrom('hosts')
      .select('id')
      .where('url', '=', `unix:${path}`)
      .executeTakeFirst();
    found.push({ path, kind, enrolledAs: host?.id ?? null });
  }
  return found;
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch {
    return false; // not there, or not ours to see: either way nothing to offer
  }
}
