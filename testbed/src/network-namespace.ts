import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { killProcess } from './kill-process.ts';
import { runCommand } from './run-command.ts';

const NAMESPACES = '/run/netns';

export function namespacePath(namespace: string): string {
  return join(NAMESPACES, namespace);
}

/** Whether a recorded pid still is what it was: pids are reused, so it must live in the right network namespace. */
export function livesIn(pid: number | undefined, namespace: string): pid is number {
  if (pid === undefined) return false;
  try {
    const its = statSync(`/proc/${pid}/ns/net`);
    const wanted = statSync(namespacePath(namespace));
    return its.ino === wanted.ino && its.dev === wanted.dev;
  } catch {
    // The process or the namespace is gone.
    return false;
  }
}

/**
 * Makes a namespace unless a finished one is there; returns whether it was made. One that `isFinished` denies was
 * left half-made by a killed process, and is replaced.
 */
export async function makeNamespace(
  namespace: string,
  isFinished: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> {
  if (existsSync(namespacePath(namespace))) {
    if (await isFinished()) return false;
    await removeNamespace(namespace);
  }
  await runCommand(['ip', 'netns', 'add', namespace], { signal });
  return true;
}

/** Network namespaces whose name begins with `prefix`. */
export async function listNamespaces(prefix: string): Promise<readonly string[]> {
  if (!existsSync(NAMESPACES)) return [];
  return (await readdir(NAMESPACES)).filter((name) => name.startsWith(prefix));
}

/** Kills what lives in a namespace and deletes it, with every link in it. */
export async function removeNamespace(namespace: string): Promise<void> {
  if (!existsSync(namespacePath(namespace))) return;
  const pids = await runCommand(['ip', 'netns', 'pids', namespace]);
  for (const pid of pids.split('\n').filter(Boolean)) killProcess(Number(pid), 'SIGKILL');
  await runCommand(['ip', 'netns', 'delete', namespace]);
}

/** The words before a command that make it run in a network namespace and nothing else. */
export function inNamespace(namespace: string): readonly string[] {
  return ['nsenter', `--net=${namespacePath(namespace)}`];
}

/** Sets kernel parameters (paths under /proc/sys) inside a namespace; those that this kernel lacks are passed over. */
export async function setNetworkParameters(
  namespace: string,
  parameters: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<void> {
  const lines = Object.entries(parameters).map(
    ([path, value]) => `if [ -e /proc/sys/${path} ]; then echo ${value} >/proc/sys/${path}; fi`,
  );
  await runCommand([...inNamespace(namespace), 'sh', '-ec', lines.join('\n')], { signal });
}

/** In a new namespace bridged frames would go through the IP filter, where the kernel has br_netfilter. */
export const BRIDGE_PARAMETERS = {
  'net/bridge/bridge-nf-call-iptables': 0,
  'net/bridge/bridge-nf-call-ip6tables': 0,
  'net/bridge/bridge-nf-call-arptables': 0,
} as const;
