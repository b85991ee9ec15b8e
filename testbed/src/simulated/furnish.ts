import { createHash } from 'node:crypto';
import type { HostState, NamedObject } from './host-state.ts';
import {
  defaultProfiles,
  type InstanceRecord,
  type InstanceStatus,
  mix,
  noConfig,
  noDevices,
  noSnapshots,
  zeroTime,
} from './instance-record.ts';

const plain = { description: '', config: noConfig, devices: noDevices, type: '', managed: true } as const;

/** The same profile on all hosts of a kind: shared, as there may be a thousand of them. */
function defaultProfile(host: HostState): NamedObject {
  return {
    ...plain,
    name: 'default',
    description: host.kind === 'lxd' ? 'Default LXD profile' : 'Default Incus profile',
    devices: {
      eth0: { name: 'eth0', network: host.bridge, type: 'nic' },
      eth1: { name: 'eth1', nictype: 'bridged', parent: 'lanbr', type: 'nic' },
      root: { path: '/', pool: 'default', type: 'disk' },
    },
  };
}

/** Gives a host what a fresh one of our testbed has: project, profile, networks, pool and the image `bb`. */
export function furnishHost(host: HostState, projects: readonly string[]): void {
  const label = host.kind === 'lxd' ? 'LXD' : 'Incus';
  const shared = { 'features.images': 'false', 'features.networks': 'false', 'features.profiles': 'false' };
  const all = {
    'features.images': 'true',
    'features.networks': 'true',
    'features.profiles': 'true',
    'features.storage.volumes': 'true',
  };
  const first = { ...plain, name: 'default', description: `Default ${label} project`, config: all };
  host.projects.set('default', first);
  for (const name of projects) host.projects.set(name, { ...plain, name, config: shared });
  host.profiles.set('default', defaultProfile(host));
  const address = { 'ipv4.address': `${host.bridgePrefix}1/24`, 'ipv4.nat': 'true', 'ipv6.address': 'none' };
  host.networks.set(host.bridge, { ...plain, name: host.bridge, type: 'bridge', config: address });
  host.networks.set('lo', { ...plain, name: 'lo', type: 'loopback', managed: false });
  host.networks.set('lanbr', { ...plain, name: 'lanbr', type: 'bridge', managed: false });
  const source = { source: `/var/lib/${host.kind}/storage-pools/default` };
  host.pools.set('default', { ...plain, name: 'default', type: 'dir', config: source });
  const fingerprint = createHash('sha256').update('busybox of the simulated hosts').digest('hex');
  host.images.set(fingerprint, {
    fingerprint,
    type: 'container',
    properties: { architecture: 'amd64', description: 'BusyBox testbed', os: 'busybox', release: 'testbed' },
    size: 1_037_676,
    public: false,
    autoUpdate: false,
    cached: false,
    createdAtMs: Date.UTC(2023, 10, 14, 22, 13, 20),
    uploadedAtMs: host.now(),
  });
  host.aliases.set('bb', { name: 'bb', target: fingerprint, description: '' });
}

const roles = ['web', 'db', 'app', 'cache', 'ci', 'mail', 'queue', 'test'];

/** Fills a host with instances: four of five run, one of twenty is a VM, one of ten has a snapshot. */
export function furnishInstances(host: HostState, count: number, seed: number): void {
  const [image = ''] = host.images.keys();
  const projects = [...host.projects.keys()];
  for (let n = 0; n < count; n++) {
    const id = host.nextId();
    const dice = mix(seed, id);
    const status: InstanceStatus = dice % 5 === 0 ? 'Stopped' : 'Running';
    const createdAtMs = host.now() - (1 + (mix(seed + 1, id) % 400)) * 24 * 3600 * 1000;
    const record: InstanceRecord = {
      id,
      name: `${roles[dice % roles.length] ?? 'web'}-${host.index + 1}-${n + 1}`,
      project: projects[n % projects.length] ?? 'default',
      type: dice % 20 === 7 ? 'virtual-machine' : 'container',
      status,
      description: '',
      ephemeral: false,
      image,
      profiles: defaultProfiles,
      config: noConfig,
      devices: noDevices,
      snapshots: noSnapshots,
      createdAtMs,
      lastUsedAtMs: createdAtMs + 60_000,
    };
    const { profiles, config, devices } = record;
    const snapshot = {
      name: 'snap0',
      createdAtMs: createdAtMs + 3600_000,
      expiresAt: zeroTime,
      stateful: false,
      description: '',
      config,
      devices,
      profiles,
    };
    host.put(dice % 10 === 3 ? { ...record, snapshots: [snapshot] } : record);
  }
}
