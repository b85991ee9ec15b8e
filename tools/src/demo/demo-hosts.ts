import {
  canRunHosts,
  installHostPackages,
  openTestbed,
  startSimulatedHosts,
  sweepTestbeds,
} from '@longshore/testbed';

/** A host of the demo: its address and a way to get a one-time trust token. */
export type DemoHost = Readonly<{ name: string; url: string; token(): Promise<string> }>;

export type DemoHosts = Readonly<{
  real: boolean;
  /** Why the hosts are simulated; empty for real ones. */
  reason: string;
  hosts: readonly [DemoHost, DemoHost];
  image: string;
  close(): Promise<void>;
}>;

/** Two real LXD hosts in network namespaces, or two simulated ones where real ones cannot run. */
export async function startDemoHosts(log: (line: string) => void, signal: AbortSignal): Promise<DemoHosts> {
  const reason = await whyNotReal(log);
  return reason === undefined ? realHosts(log, signal) : simulatedHosts(reason);
}

async function whyNotReal(log: (line: string) => void): Promise<string | undefined> {
  if (process.platform !== 'linux') return `real hosts need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'real hosts need root';
  try {
    await installHostPackages({ incus: false, log });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const able = canRunHosts();
  return able.ok ? undefined : able.reason;
}

async function realHosts(log: (line: string) => void, signal: AbortSignal): Promise<DemoHosts> {
  await sweepTestbeds();
  const testbed = await openTestbed({ name: 'demo', lxd: 2, trust: false, signal, log });
  const [first, second] = testbed.hosts;
  if (first === undefined || second === undefined) throw new Error('the testbed has fewer than two hosts');
  const image = await first.importImage('busybox');
  const demoHost = (host: typeof first): DemoHost => ({
    name: host.name,
    url: host.url,
    token: () => host.token('longshore'),
  });
  return {
    real: true,
    reason: '',
    hosts: [demoHost(first), demoHost(second)],
    image,
    close: () => testbed.close(),
  };
}

async function simulatedHosts(reason: string): Promise<DemoHosts> {
  const fleet = await startSimulatedHosts({ count: 2, instancesPerHost: 0 });
  const [first, second] = fleet.hosts;
  if (first === undefined || second === undefined)
    throw new Error('fewer than two simulated hosts were started');
  const demoHost = (host: typeof first): DemoHost => ({
    name: host.name,
    url: host.url,
    token: async () => host.token('longshore'),
  });
  return {
    real: false,
    reason,
    hosts: [demoHost(first), demoHost(second)],
    image: 'bb',
    close: () => fleet.close(),
  };
}
