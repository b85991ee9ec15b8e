import type { HostState } from './host-state.ts';
import { derivedConfig, expandedDevices } from './instance-json.ts';
import { type Config, type Devices, type InstanceRecord, noConfig, noDevices } from './instance-record.ts';
import { ApiError } from './reply.ts';

const knownPrefixes =
  /^(user|limits|security|raw|boot|cloud-init|migration|nvidia|linux|environment|image|volatile|snapshots|cluster|agent|oci)\./;

/** Throws LXD's error about the first key that no server knows. */
export function checkConfig(config: Config | undefined): void {
  const unknown = Object.keys(config ?? {}).find((key) => !knownPrefixes.test(key));
  if (unknown !== undefined) throw new ApiError(500, `Invalid config: Unknown configuration key: ${unknown}`);
}

/** Throws LXD's error about the first profile that the host does not have. */
export function checkProfiles(host: HostState, profiles: readonly string[]): void {
  const missing = profiles.find((name) => !host.profiles.has(name));
  if (missing !== undefined) throw new ApiError(500, `Requested profile "${missing}" doesn't exist`);
}

/** Throws unless the name may be an instance's: letters, digits and hyphens, as a host name (RFC 1123). */
export function checkName(what: 'instance' | 'snapshot', name: string): void {
  const refuse = (why: string) => new ApiError(400, `Invalid ${what} name: ${why}`);
  if (what === 'snapshot') {
    if (name === '' || /[/\s]/.test(name)) throw refuse('Cannot contain slashes or spaces');
    return;
  }
  if (name === '') throw refuse('Name must be 1-63 characters long');
  if (name.startsWith('-')) throw refuse('Name must not start with "-" character');
  if (name.endsWith('-')) throw refuse('Name must not end with "-" character');
  if (name.length > 63) throw refuse('Name must be 1-63 characters long');
  if (/^[0-9]/.test(name)) throw refuse('Name must not start with a number');
  if (!/^[a-zA-Z0-9-]+$/.test(name)) throw refuse('Name can only contain alphanumeric and hyphen characters');
}

/** Throws unless there is a root disk on a pool, and each managed network that a NIC names is there. */
export function checkDevices(host: HostState, record: InstanceRecord): void {
  const devices = Object.entries(expandedDevices(host, record));
  const root = devices.find(([, device]) => device.type === 'disk' && device.path === '/');
  const initialising = 'Failed creating instance record: Failed initialising instance:';
  if (!root)
    throw new ApiError(500, `${initialising} Failed getting root disk: No root device could be found`);
  const pool = root[1].pool ?? '';
  if (!host.pools.has(pool)) throw new ApiError(500, `${initialising} Storage pool "${pool}" not found`);
  for (const [name, device] of devices) {
    const network = device.network;
    if (network !== undefined && !host.networks.has(network)) {
      const why = `Failed add validation for device "${name}": Network "${network}" not found`;
      throw new ApiError(500, `${initialising} ${why}`);
    }
  }
}

/** Throws the database's complaint when the name is taken. */
export function checkFree(host: HostState, project: string, name: string): void {
  if (!host.instances.get(project)?.has(name)) return;
  const why =
    host.kind === 'lxd'
      ? 'This "instances" entry already exists'
      : 'Failed to create "instances" entry: UNIQUE constraint failed: instances.project_id, instances.name';
  throw new ApiError(500, `Failed creating instance record: Add instance info to the database: ${why}`);
}

/** The record with this configuration; what equals the derived values is not stored. */
export function withConfig(
  host: HostState,
  record: InstanceRecord,
  config: Config | undefined,
): InstanceRecord {
  const derived = derivedConfig(host, record);
  const set = Object.entries(config ?? {}).filter(([key, value]) => derived[key] !== value);
  return { ...record, config: set.length === 0 ? noConfig : Object.fromEntries(set) };
}

/** Devices as stored: the shared empty map where there are none. */
export function devicesOrNone(devices: Devices | undefined): Devices {
  return devices === undefined || Object.keys(devices).length === 0 ? noDevices : devices;
}
