/** Device or configuration maps as LXD writes them: string to string. */
export type Config = Readonly<Record<string, string>>;
export type Devices = Readonly<Record<string, Config>>;

export type InstanceStatus = 'Running' | 'Stopped' | 'Frozen';

/** LXD's numbers for the states an instance rests in (LXD doc/rest-api.md, status codes). */
export const statusCodes: Readonly<Record<InstanceStatus, number>> = {
  Running: 103,
  Stopped: 102,
  Frozen: 110,
};

/**
 * One simulated instance. It holds only what cannot be worked out: MAC addresses, UUIDs, usage figures and the
 * rest of the `volatile.*` keys are derived from `id` when asked for, so that 100,000 instances stay small.
 * A change makes a new record.
 */
export interface InstanceRecord {
  /** Unique over the whole simulated fleet. */
  readonly id: number;
  readonly name: string;
  readonly project: string;
  readonly type: 'container' | 'virtual-machine';
  readonly status: InstanceStatus;
  readonly description: string;
  readonly ephemeral: boolean;
  /** Fingerprint of the image it was made of; empty for none. */
  readonly image: string;
  readonly profiles: readonly string[];
  /** Keys set by somebody: the derived ones are left out as long as they have their derived value. */
  readonly config: Config;
  readonly devices: Devices;
  readonly snapshots: readonly SnapshotRecord[];
  readonly createdAtMs: number;
  /** 0: never started. */
  readonly lastUsedAtMs: number;
}

export interface SnapshotRecord {
  readonly name: string;
  readonly createdAtMs: number;
  /** ISO time, or Go's zero time for never. */
  readonly expiresAt: string;
  readonly stateful: boolean;
  readonly description: string;
  readonly config: Config;
  readonly devices: Devices;
  readonly profiles: readonly string[];
}

/** Shared by all records that have none of their own. */
export const noConfig: Config = Object.freeze({});
export const noDevices: Devices = Object.freeze({});
export const noSnapshots: readonly SnapshotRecord[] = Object.freeze([]);
export const defaultProfiles: readonly string[] = Object.freeze(['default']);

/** How Go writes "no time". */
export const zeroTime = '0001-01-01T00:00:00Z';

/** Scrambles two numbers into 32 bits, evenly enough for addresses and ids (the finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A version 4 looking UUID that is always the same for the same id and purpose. */
export function derivedUuid(id: number, purpose: number): string {
  const hex = [0, 1, 2, 3]
    .map((part) =>
      mix(id, purpose * 4 + part)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** MAC address of a NIC: LXD's or Incus's prefix, then a number that no other simulated NIC has. */
export function derivedMac(kind: 'lxd' | 'incus', id: number, nic: number): string {
  const tail = ((id * 4 + nic) & 0xffffff).toString(16).padStart(6, '0');
  const prefix = kind === 'lxd' ? '00:16:3e' : '10:66:6a';
  return `${prefix}:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4)}`;
}

/** Interface identifier that SLAAC makes of a MAC address (RFC 4291, appendix A). */
export function eui64(mac: string): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return groups.map((group) => group.toString(16)).join(':');
}
