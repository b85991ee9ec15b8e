import type { InstanceType, Placement } from '@longshore/contract';

/** What choosing needs to know of a host. */
export type HostCandidate = Readonly<{
  id: string;
  name: string;
  status: 'connecting' | 'online' | 'unreachable' | 'quarantined';
  maintenance: boolean;
  removing: boolean;
  labels: Readonly<Record<string, string>>;
  /** As LXD names them, such as `x86_64`. */
  architectures: readonly string[];
  /** Instance drivers, such as `lxc | qemu`; empty when it has not been read yet. */
  driver: string;
  /** Free by the last reading; null when it has not been read yet. */
  freeMemoryBytes: number | null;
  /** What instances on their way to it, or too new to show in the reading, will take of that. */
  promisedBytes: number;
  instances: number;
}>;

/** What the instance needs of its host. */
export type HostNeed = Readonly<{
  labels?: Placement['labels'];
  type: InstanceType;
  /** Only hosts of this architecture; default: any. */
  architecture?: string | undefined;
  /** Hosts that are not to be chosen, such as the one it leaves. */
  exclude?: readonly string[] | undefined;
}>;

/** A host and why it was taken; or why none fits, a reason for each host. */
export type HostChoice =
  | Readonly<{ host: HostCandidate; reason: string }>
  | Readonly<{ host: null; reasons: readonly string[] }>;

/**
 * Two hosts count as equally free within this: smaller differences are noise of caches and of the moment of reading,
 * and would pile everything on one of two like hosts.
 */
const EQUAL_BYTES = 512 * 1024 * 1024;

/** Chooses the host with the most free memory among those that fit; the fewer instances decide between equals. */
export function chooseHost(hosts: readonly HostCandidate[], need: HostNeed): HostChoice {
  const judged = hosts.map((host) => ({ host, problem: problemOf(host, need) }));
  const fitting = judged.filter(({ problem }) => problem === undefined).map(({ host }) => host);
  const ranked = [...fitting].sort(
    (a, b) =>
      steps(b) - steps(a) || a.instances - b.instances || free(b) - free(a) || compare(a.name, b.name),
  );
  const best = ranked[0];
  if (best === undefined) {
    return { host: null, reasons: judged.map(({ host, problem }) => `${host.name} ${problem}`) };
  }
  return { host: best, reason: reasonOf(best, ranked, need) };
}

function problemOf(host: HostCandidate, need: HostNeed): string | undefined {
  if (need.exclude?.includes(host.id)) return 'is where it is now';
  if (host.removing) return 'is being removed';
  if (host.status !== 'online') return `is ${host.status}`;
  if (host.maintenance) return 'is in maintenance';
  for (const [key, value] of Object.entries(need.labels ?? {})) {
    if (host.labels[key] !== value) return `lacks the label ${key}=${value}`;
  }
  if (need.architecture !== undefined && !host.architectures.includes(need.architecture)) {
    return `is not of architecture ${need.architecture}`;
  }
  if (need.type === 'virtual-machine' && host.driver !== '' && !host.driver.includes('qemu')) {
    return 'cannot run virtual machines';
  }
  return undefined;
}

/** Free memory after what is promised. A host not read yet comes last. */
function free(host: HostCandidate): number {
  return host.freeMemoryBytes === null ? -1 : Math.max(0, host.freeMemoryBytes - host.promisedBytes);
}

function steps(host: HostCandidate): number {
  return Math.floor(free(host) / EQUAL_BYTES);
}

function reasonOf(best: HostCandidate, ranked: readonly HostCandidate[], need: HostNeed): string {
  const labels = Object.entries(need.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const suffix = labels.length === 0 ? '' : ` with label${labels.length > 1 ? 's' : ''} ${labels.join(', ')}`;
  if (ranked.length === 1) return `the only host that fits${suffix}`;
  const among = `of ${ranked.length} hosts${suffix}`;
  const equals = ranked.filter((host) => steps(host) === steps(best)).length;
  if (equals > 1) {
    return `fewest instances (${best.instances}) ${among}, ${equals} of them with equal free memory`;
  }
  return `most free memory ${among}: ${(free(best) / 1024 ** 3).toFixed(1)} GiB`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
