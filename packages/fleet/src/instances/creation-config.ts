import { type InstanceCreation, type Limits, LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';

type DeviceMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The configuration keys that a size becomes; the disk is a device's. */
export function limitKeys(limits: Limits): Record<string, string> {
  return {
    ...(limits.cpu === undefined ? {} : { 'limits.cpu': limits.cpu }),
    ...(limits.memory === undefined ? {} : { 'limits.memory': limits.memory }),
  };
}

/** The keys that bound an instance. */
export function limitsAmong(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key.startsWith('limits.')));
}

/**
 * The configuration of a new instance. Cloud-init documents go under the keys that the server knows: `cloud-init.*`
 * came with the API extension `cloud_init` (LXD 4.22, every Incus), `user.*` before (doc/cloud-init.md).
 */
export function configOf(input: InstanceCreation, extensions: readonly string[]): Record<string, string> {
  const prefix = extensions.includes('cloud_init') ? 'cloud-init' : 'user';
  const { userData, vendorData, networkConfig } = input.cloudInit;
  return {
    ...input.config,
    ...limitKeys(input.limits),
    ...(userData === undefined ? {} : { [`${prefix}.user-data`]: userData }),
    ...(vendorData === undefined ? {} : { [`${prefix}.vendor-data`]: vendorData }),
    ...(networkConfig === undefined ? {} : { [`${prefix}.network-config`]: networkConfig }),
  };
}

/**
 * Devices with the root disk set to a size. Where the root disk comes from a profile, its other options (the pool)
 * are kept: a device of the instance replaces a profile's of the same name as a whole.
 *
 * @throws LongshoreError `host-refused` when neither the devices nor the profiles have a root disk
 */
export async function rootDiskDevices(
  client: LxdClient,
  instance: { readonly devices: DeviceMap; readonly profiles: readonly string[]; readonly project: string },
  size: string,
): Promise<Record<string, Record<string, string>>> {
  const inherited: Record<string, Readonly<Record<string, string>>> = {};
  if (rootDiskOf(instance.devices) === undefined) {
    for (const name of instance.profiles) {
      Object.assign(inherited, await devicesOfProfile(client, name, instance.project));
    }
  }
  return withRootSize(instance.devices, { ...inherited, ...instance.devices }, size);
}

/** Devices of an instance with its root disk, wherever that comes from, set to a size. */
export function withRootSize(
  own: DeviceMap,
  expanded: DeviceMap,
  size: string,
): Record<string, Record<string, string>> {
  const root = rootDiskOf(own) ?? rootDiskOf(expanded);
  if (root === undefined) {
    throw new LongshoreError('host-refused', 'The instance has no root disk whose size could be set.', {
      hint: 'Use a profile with a root disk, or name one among the devices.',
    });
  }
  const [name, device] = root;
  const devices = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, { ...value }]));
  return { ...devices, [name]: { ...device, size } };
}

/** The root disk among devices, with its name. */
export function rootDiskOf(
  devices: DeviceMap,
): readonly [string, Readonly<Record<string, string>>] | undefined {
  return Object.entries(devices).find(([, device]) => device.type === 'disk' && device.path === '/');
}

async function devicesOfProfile(client: LxdClient, name: string, project: string): Promise<DeviceMap> {
  try {
    return (await client.profiles.get(name, { project })).value.devices;
  } catch (error) {
    if (!isLxdError(error, 'not-found')) throw error;
    throw new LongshoreError('host-refused', `The host has no profile ${name}.`, {
      hint: 'Make the profile on the host, or name other profiles.',
      cause: error,
    });
  }
}
