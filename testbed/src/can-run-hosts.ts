import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { SYSTEM_PATH } from './run-command.ts';

export type HostAbility = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Whether this machine can run real hosts at all: Linux, root, namespaces, control groups. Packages are another
 * question, which `installHostPackages` settles. Changes nothing.
 */
export function canRunHosts(): HostAbility {
  if (process.platform !== 'linux') return no(`needs Linux, and this is ${process.platform}`);
  if (process.getuid?.() !== 0) return no('needs root: network namespaces and mounts are made');
  if (!existsSync('/sys/fs/cgroup/cgroup.procs') && !existsSync('/sys/fs/cgroup/pids/cgroup.procs')) {
    return no('no control groups are mounted at /sys/fs/cgroup');
  }
  try {
    accessSync(existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup', constants.W_OK);
  } catch {
    // Read-only, as in most containers.
    return no('the control groups at /sys/fs/cgroup are read-only');
  }
  const tried = attempt('unshare', ['-n', '-m', '-u', '-i', '-p', '-C', '-f', 'true']);
  if (tried !== undefined) return no(`namespaces cannot be made here: ${tried}`);
  if (attempt('sh', ['-c', 'command -v ip']) === undefined) {
    const links = attempt('unshare', [
      '-n',
      'sh',
      '-ec',
      'ip link add name bridge0 type bridge; ip link add name veth0 type veth peer name veth1',
    ]);
    if (links !== undefined) return no(`this kernel makes no bridges or veth pairs: ${links}`);
  }
  return { ok: true };
}

function no(reason: string): HostAbility {
  return { ok: false, reason };
}

/** undefined when the command succeeded, otherwise what it said. */
function attempt(program: string, args: readonly string[]): string | undefined {
  const result = spawnSync(program, args, { encoding: 'utf8', env: { PATH: SYSTEM_PATH }, cwd: '/' });
  if (result.status === 0) return undefined;
  return result.error?.message ?? (result.stderr.trim() || `${program} ended with ${String(result.status)}`);
}
