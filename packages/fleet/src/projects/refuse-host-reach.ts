import { LongshoreError } from '@longshore/contract';

/** Configuration that stays inside an instance: sizes, cloud-init, metadata, start order. Everything else is refused. */
const CONFINED_KEYS =
  /^(?:limits\.(?:cpu|memory|processes|disk|network|read|write)(?:\..+)?|(?:user|cloud-init|environment|snapshots)\..+|boot\.(?:autostart|host_shutdown|stop)(?:[._].+)?|security\.(?:secureboot|csm|protection\.[a-z]+)|migration\.stateful|cluster\.evacuate)$/;

const ROOT_KEYS = /^(?:type|path|pool|size|size\.state|boot\.priority|limits\..+)$/;
const NIC_KEYS = /^(?:type|name|network|boot\.priority|limits\..+)$/;
/** What a host's operator has made for everyone; others may give more. */
const CONFINED_PROFILES = ['default'];

type DeviceChange = Readonly<Record<string, Readonly<Record<string, string>> | null>>;

/** What of a creation or a change could reach out. */
export type Reaching = Readonly<{
  config?: Readonly<Record<string, string | null>> | undefined;
  devices?: DeviceChange | undefined;
  profiles?: readonly string[] | undefined;
  lxdProject?: string | undefined;
}>;

/**
 * Refuses what would let an instance out of itself: a privileged container, a raw configuration, a folder or device of
 * the host, another's volume, a network of the host's choosing. For those who have roles on parts of the fleet only:
 * whoever may set these is root on the host. Like LXD's `restricted` projects, but as a list of what is allowed, so that
 * what a newer server adds is refused until somebody has looked at it. Pure.
 *
 * @throws LongshoreError `host-reach-denied`
 */
export function refuseHostReach({ config = {}, devices = {}, profiles = [], lxdProject }: Reaching): void {
  const refuse = (what: string): never => {
    throw new LongshoreError('host-reach-denied', `${what} reaches out to the host.`, {
      hint: 'Only who has a role on the whole fleet may set this.',
    });
  };
  for (const [key, value] of Object.entries(config)) {
    if (value !== null && !CONFINED_KEYS.test(key)) refuse(`The configuration key ${key}`);
  }
  for (const [name, device] of Object.entries(devices)) {
    if (device === null || device.type === 'none') continue;
    const keys = Object.keys(device);
    const root = device.type === 'disk' && device.path === '/' && keys.every((key) => ROOT_KEYS.test(key));
    const nic =
      device.type === 'nic' && device.network !== undefined && keys.every((key) => NIC_KEYS.test(key));
    if (!root && !nic) refuse(`The device ${name}`);
  }
  for (const profile of profiles) if (!CONFINED_PROFILES.includes(profile)) refuse(`The profile ${profile}`);
  if (lxdProject !== undefined && lxdProject !== 'default') refuse(`The LXD project ${lxdProject}`);
}
