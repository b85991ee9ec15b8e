import { LongshoreError } from '@longshore/contract';
import { rootDevice, withRootPool } from './portable-config.ts';

type Devices = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What of an instance decides whether a host can take it. */
export type Traveller = Readonly<{
  name: string;
  type: string;
  architecture: string;
  lxdProject: string;
  profiles: readonly string[];
  /** Its own devices, without those of profiles. */
  devices: Devices;
  /** With those of profiles on the host it comes from. */
  expandedDevices: Devices;
  /** Bytes that its root disk takes; null where the host does not tell. */
  diskUsedBytes: number | null;
}>;

/** What the target host said about itself, read for this question. */
export type TargetFacts = Readonly<{
  hostName: string;
  architectures: readonly string[];
  /** Instance drivers, such as `lxc | qemu`. */
  driver: string;
  projects: readonly string[];
  /** Of the project. */
  profiles: readonly { readonly name: string; readonly devices: Devices }[];
  networks: readonly string[];
  pools: readonly { readonly name: string; readonly freeBytes: number | null }[];
  /** Whether something that is not this operation's own work has the name. */
  nameTaken: boolean;
}>;

/** How the instance is to be made on the target, or every reason why it cannot be. */
export type PreFlight =
  | { readonly possible: true; readonly devices: Devices; readonly remarks: readonly string[] }
  | { readonly possible: false; readonly reasons: readonly string[] };

/** Kept free beyond the instance's size: metadata, and what it writes while it arrives. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Device types bound to the machine they are on: another host cannot be asked whether its own would do. */
const HARDWARE = new Set(['gpu', 'pci', 'usb', 'unix-block', 'unix-char', 'unix-hotplug', 'infiniband']);

/** Decides whether a host can take an instance; all reasons against it at once, each with what to do. */
export function preFlight(instance: Traveller, target: TargetFacts): PreFlight {
  const host = target.hostName;
  const reasons: string[] = [];
  if (instance.architecture !== '' && !target.architectures.includes(instance.architecture)) {
    reasons.push(
      `it is built for ${instance.architecture}, but ${host} runs ${target.architectures.join(', ')}`,
    );
  }
  if (instance.type === 'virtual-machine' && !target.driver.includes('qemu')) {
    reasons.push(`${host} cannot run virtual machines`);
  }
  if (target.nameTaken) reasons.push(`${host} already has an instance named ${instance.name}`);
  if (!target.projects.includes(instance.lxdProject)) {
    reasons.push(`${host} has no LXD project ${instance.lxdProject}; make it there first`);
    // Profiles, networks and pools are asked within the project: without it there is nothing more to say.
    return { possible: false, reasons };
  }
  const known = new Set(target.profiles.map((profile) => profile.name));
  for (const profile of instance.profiles) {
    if (!known.has(profile)) reasons.push(`${host} has no profile ${profile}; make it there first`);
  }
  for (const [name, device] of Object.entries(instance.devices)) {
    const reason = deviceReason(name, device, target);
    if (reason !== undefined) reasons.push(reason);
  }
  const root = rootOnTarget(instance, target);
  if (root.reason !== undefined) reasons.push(root.reason);
  return reasons.length > 0
    ? { possible: false, reasons }
    : { possible: true, devices: root.devices, remarks: root.remarks };
}

/** The error that says all reasons. */
export function preFlightError(instance: string, host: string, reasons: readonly string[]): LongshoreError {
  return new LongshoreError('pre-flight-failed', `${host} cannot take ${instance}: ${reasons.join('; ')}.`, {
    hint: 'Mend what is named, or choose another host. Nothing was changed.',
  });
}

function deviceReason(
  name: string,
  device: Readonly<Record<string, string>>,
  target: TargetFacts,
): string | undefined {
  const type = device.type ?? '';
  if (HARDWARE.has(type) || (type === 'nic' && device.nictype === 'physical')) {
    return `device ${name} is hardware of its present host; remove it first`;
  }
  if (type === 'disk' && device.path !== '/' && device.source !== undefined) {
    const what = device.pool === undefined ? `the host's ${device.source}` : `volume ${device.source}`;
    return `device ${name} uses ${what}, which does not move along; remove it first`;
  }
  if (type === 'nic') {
    const wanted = device.network ?? device.parent;
    if (wanted !== undefined && !target.networks.includes(wanted)) {
      return `${target.hostName} has no network ${wanted} for device ${name}; make it there, or change the device`;
    }
  }
  return undefined;
}

/**
 * Where the root disk will be: in the pool of the instance's own root device or of its profiles on the target; where
 * that pool is not there, in the pool of the target's default profile.
 */
function rootOnTarget(
  instance: Traveller,
  target: TargetFacts,
): { devices: Devices; remarks: readonly string[]; reason?: string } {
  const devices = instance.devices;
  const own = rootDevice(devices);
  const inherited = rootOfProfiles(instance.profiles, target);
  const before = own ?? rootDevice(instance.expandedDevices);
  if (before === undefined) return { devices, remarks: [], reason: 'it has no root disk' };
  const wanted = own?.options.pool ?? inherited ?? before.options.pool ?? '';
  const there = target.pools.find((pool) => pool.name === wanted);
  const fallback = rootOfProfiles(['default'], target);
  const pool = there ?? target.pools.find((candidate) => candidate.name === fallback);
  if (pool === undefined) {
    const reason = `${target.hostName} has no storage pool ${wanted}, and its default profile names no other`;
    return { devices, remarks: [], reason };
  }
  const used = instance.diskUsedBytes ?? 0;
  const remarks =
    pool.name === wanted ? [] : [`its root disk goes to pool ${pool.name}: there is no pool ${wanted}`];
  const result = {
    // Only what differs from the profiles is written into the instance.
    devices:
      own === undefined && inherited === pool.name ? devices : withRootPool(devices, before, pool.name),
    remarks,
  };
  if (pool.freeBytes !== null && pool.freeBytes < used + SPARE_BYTES) {
    const reason = `pool ${pool.name} has ${mebibytes(pool.freeBytes)} free, and ${mebibytes(used + SPARE_BYTES)} are needed`;
    return { ...result, reason };
  }
  return result;
}

/** Pool of the root disk that profiles give; the last one that has one wins, as in LXD. */
function rootOfProfiles(names: readonly string[], target: TargetFacts): string | undefined {
  return names
    .map((name) => target.profiles.find((profile) => profile.name === name))
    .map((profile) => (profile === undefined ? undefined : rootDevice(profile.devices)?.options.pool))
    .findLast((pool) => pool !== undefined);
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MiB`;
}
