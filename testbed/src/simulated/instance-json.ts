import type { HostState } from './host-state.ts';
import {
  type Config,
  type Devices,
  derivedMac,
  derivedUuid,
  eui64,
  type InstanceRecord,
  mix,
  type SnapshotRecord,
  statusCodes,
  zeroTime,
} from './instance-record.ts';

/** Ordinary unprivileged map of a host with one range, as LXD and Incus write it. */
const idmap = JSON.stringify([
  { Isuid: true, Isgid: false, Hostid: 100000, Nsid: 0, Maprange: 10000001 },
  { Isuid: false, Isgid: true, Hostid: 100000, Nsid: 0, Maprange: 10000001 },
]);

const time = (ms: number) => (ms === 0 ? zeroTime : new Date(ms).toISOString());

/** Profile settings first, in their order, then the instance's own. */
export function expandedDevices(host: HostState, instance: InstanceRecord): Devices {
  const merged: Record<string, Config> = {};
  for (const name of instance.profiles) Object.assign(merged, host.profiles.get(name)?.devices);
  return Object.assign(merged, instance.devices);
}

function expandedConfig(host: HostState, instance: InstanceRecord, config: Config): Config {
  const fromProfiles: Record<string, string> = {};
  for (const name of instance.profiles) Object.assign(fromProfiles, host.profiles.get(name)?.config);
  return Object.keys(fromProfiles).length === 0 ? config : { ...fromProfiles, ...config };
}

function nicNames(devices: Devices): string[] {
  return Object.keys(devices).filter((name) => devices[name]?.type === 'nic');
}

/** The keys LXD itself would have written: of the image, and what it remembers of the instance. */
export function derivedConfig(host: HostState, instance: InstanceRecord): Record<string, string> {
  const { id } = instance;
  const config: Record<string, string> = {};
  const image = host.images.get(instance.image);
  for (const [key, value] of Object.entries(image?.properties ?? {})) config[`image.${key}`] = value;
  if (instance.lastUsedAtMs === 0) config['volatile.apply_template'] = 'create';
  if (instance.image !== '') config['volatile.base_image'] = instance.image;
  config['volatile.cloud-init.instance-id'] = derivedUuid(id, 1);
  nicNames(expandedDevices(host, instance)).forEach((name, index) => {
    config[`volatile.${name}.hwaddr`] = derivedMac(host.kind, id, index);
    if (instance.status !== 'Stopped') config[`volatile.${name}.host_name`] = hostName(id, index);
  });
  if (instance.type === 'container') {
    config['volatile.idmap.base'] = '0';
    config['volatile.idmap.current'] = idmap;
    config['volatile.idmap.next'] = idmap;
    config['volatile.last_state.idmap'] = instance.lastUsedAtMs === 0 ? '[]' : idmap;
  }
  if (instance.lastUsedAtMs !== 0) {
    config['volatile.last_state.power'] = instance.status === 'Stopped' ? 'STOPPED' : 'RUNNING';
  }
  config['volatile.uuid'] = derivedUuid(id, 2);
  if (host.kind === 'incus') config['volatile.uuid.generation'] = derivedUuid(id, 2);
  return config;
}

function hostName(id: number, nic: number): string {
  return `veth${mix(id, 100 + nic)
    .toString(16)
    .padStart(8, '0')}`;
}

/** The instance's own configuration: derived keys, and above them what was set. */
export function ownConfig(host: HostState, instance: InstanceRecord): Config {
  return Object.assign(derivedConfig(host, instance), instance.config);
}

/** What the instance's ETag covers; as in LXD the description is not among it. */
export function etagValues(host: HostState, instance: InstanceRecord): readonly unknown[] {
  const config = Object.entries(ownConfig(host, instance)).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['x86_64', config, instance.devices, instance.ephemeral, instance.profiles];
}

/** `GET /1.0/instances/NAME` (LXD rest-api: Instance). */
export function instanceJson(host: HostState, instance: InstanceRecord) {
  const config = ownConfig(host, instance);
  return {
    architecture: 'x86_64',
    config,
    devices: instance.devices,
    ephemeral: instance.ephemeral,
    profiles: instance.profiles,
    stateful: false,
    description: instance.description,
    created_at: time(instance.createdAtMs),
    expanded_config: expandedConfig(host, instance, config),
    expanded_devices: expandedDevices(host, instance),
    name: instance.name,
    status: instance.status,
    status_code: statusCodes[instance.status],
    last_used_at: time(instance.lastUsedAtMs),
    location: 'none',
    type: instance.type,
    project: instance.project,
  };
}

/** The same with backups, state and snapshots: what `recursion=2` adds (LXD rest-api: InstanceFull). */
export function fullInstanceJson(host: HostState, instance: InstanceRecord) {
  const snapshots = instance.snapshots.map((snapshot) => snapshotJson(host, instance, snapshot));
  return {
    ...instanceJson(host, instance),
    backups: null,
    state: stateJson(host, instance),
    snapshots: snapshots.length === 0 ? null : snapshots,
  };
}

/** `GET …/snapshots/NAME` (LXD rest-api: InstanceSnapshot). */
export function snapshotJson(host: HostState, instance: InstanceRecord, snapshot: SnapshotRecord) {
  const { profiles, devices } = snapshot;
  const then: InstanceRecord = { ...instance, status: 'Stopped', profiles, devices, config: snapshot.config };
  const config = ownConfig(host, then);
  return {
    expires_at: snapshot.expiresAt,
    architecture: 'x86_64',
    config,
    created_at: time(snapshot.createdAtMs),
    devices,
    ephemeral: instance.ephemeral,
    expanded_config: expandedConfig(host, then, config),
    expanded_devices: expandedDevices(host, then),
    last_used_at: zeroTime,
    name: snapshot.name,
    profiles,
    stateful: snapshot.stateful,
    size: -1,
    ...(host.kind === 'incus' ? { description: snapshot.description } : {}),
  };
}

const mib = 1024 * 1024;

/** Memory in use, bytes: steady for an instance, between 16 and 143 MiB while it runs. */
export function memoryUsage(instance: InstanceRecord): number {
  return instance.status === 'Stopped' ? 0 : (16 + (mix(instance.id, 7) % 128)) * mib;
}

/** `GET …/state` (LXD rest-api: InstanceState). */
export function stateJson(host: HostState, instance: InstanceRecord) {
  const on = instance.status !== 'Stopped';
  const usage = memoryUsage(instance);
  const incus = host.kind === 'incus';
  return {
    status: instance.status,
    status_code: statusCodes[instance.status],
    disk: on ? { root: { usage: (20 + (mix(instance.id, 8) % 500)) * mib } } : {},
    memory: {
      usage,
      usage_peak: usage,
      ...(incus ? { total: on ? 1024 * mib : 0 } : {}),
      swap_usage: 0,
      swap_usage_peak: 0,
    },
    network: on ? networkJson(host, instance) : null,
    pid: on ? 1000 + (instance.id % 30000) : 0,
    processes: on ? 4 + (instance.id % 40) : 0,
    cpu: {
      usage: on ? mix(instance.id, 9) : 0,
      ...(incus ? { allocated_time: on ? 2_000_000_000 : 0 } : {}),
    },
    ...(incus ? { started_at: on ? time(instance.lastUsedAtMs) : zeroTime, os_info: null } : {}),
  };
}

function networkJson(host: HostState, instance: InstanceRecord) {
  const devices = expandedDevices(host, instance);
  const config = instance.config;
  const network: Record<string, unknown> = {};
  nicNames(devices).forEach((device, index) => {
    const nic = devices[device] ?? {};
    const name = nic.name ?? device;
    const hwaddr =
      config[`volatile.${device}.hwaddr`] ?? nic.hwaddr ?? derivedMac(host.kind, instance.id, index);
    const address = (family: string, text: string, netmask: string, scope: string) => ({
      family,
      address: text,
      netmask,
      scope,
    });
    const link = address('inet6', `fe80::${eui64(hwaddr)}`, '64', 'link');
    const first =
      nic.network === undefined
        ? address('inet6', `${host.lanPrefix}${eui64(hwaddr)}`, '64', 'global')
        : address('inet', `${host.bridgePrefix}${10 + (instance.id % 240)}`, '24', 'global');
    network[name] = netInterface([first, link], hwaddr, hostName(instance.id, index), 1500, 'broadcast');
  });
  const loopback = [
    { family: 'inet', address: '127.0.0.1', netmask: '8', scope: 'local' },
    { family: 'inet6', address: '::1', netmask: '128', scope: 'local' },
  ];
  network.lo = netInterface(loopback, '', '', 65536, 'loopback');
  return network;
}

const counters = {
  bytes_received: 686,
  bytes_sent: 1200,
  packets_received: 2,
  packets_sent: 8,
  errors_received: 0,
  errors_sent: 0,
  packets_dropped_outbound: 0,
  packets_dropped_inbound: 0,
};

function netInterface(addresses: object[], hwaddr: string, host: string, mtu: number, type: string) {
  return { addresses, counters, hwaddr, host_name: host, mtu, state: 'up', type };
}
