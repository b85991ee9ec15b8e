import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Identity of one process, to be kept on disk. The pid alone is not enough: pids are reused, and after a
 * reboot all of them are.
 */
export type ProcessIdentity = Readonly<z.infer<typeof processIdentitySchema>>;

export const processIdentitySchema = z.object({
  pid: z.number().int(),
  startTicks: z.string(),
  bootId: z.string(),
});

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** A living process; undefined when there is none of this pid. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

export function isProcessAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTicks === identity.startTicks;
}

/** proc(5): the name in field 2 may hold spaces and brackets, so count from its last bracket; state is 3, start 22. */
function readStat(pid: number): { readonly state: string; readonly startTicks: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // No such process: that is the answer.
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}
