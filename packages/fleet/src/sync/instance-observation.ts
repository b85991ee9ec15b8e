import { isIP } from 'node:net';
import type { InstanceAddress, InstanceStatus, Snapshot } from '@longshore/contract';
import type { InstanceFull } from '@longshore/lxd';

/** Config key that bears our identifier of an instance: how it is recognised whatever its name and host. */
export const MARK = 'user.longshore.id';

/** One instance as its host showed it: the observed columns, under their names in the table, and what identifies it. */
export type InstanceObservation = {
  readonly lxd_project: string;
  readonly name: string;
  readonly type: 'container' | 'virtual-machine';
  readonly status: InstanceStatus;
  readonly description: string;
  readonly architecture: string | null;
  readonly ephemeral: boolean;
  readonly profiles: readonly string[];
  readonly config: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly image: string | null;
  readonly host_uuid: string | null;
  readonly addresses: readonly InstanceAddress[];
  readonly snapshots: readonly Snapshot[];
  readonly created_at: string | null;
  readonly last_used_at: string | null;
  /** Our identifier that it bears, if any. */
  readonly mark: string | null;
};

/** Why an instance cannot be taken into the inventory; it is recorded as a warning of its host. */
export class UnusableInstance extends Error {
  override readonly name = 'UnusableInstance';
}

// What a host may make us keep of one instance. A cloud-init document has at most 1 MiB in LXD's own tools.
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_NAME = 255;
/** A guest can have any number of addresses; people and filters need no more. */
const MAX_ADDRESSES = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * What we keep of an instance of `GET /1.0/instances?recursion=2`.
 * @throws UnusableInstance for what the inventory cannot hold, such as an unknown type
 */
export function observe(instance: InstanceFull): InstanceObservation {
  const { name, project, type } = instance;
  if (name.length > MAX_NAME || project.length > MAX_NAME) {
    throw new UnusableInstance(
      `an instance has a name of ${Math.max(name.length, project.length)} characters`,
    );
  }
  if (type !== 'container' && type !== 'virtual-machine') {
    throw new UnusableInstance(`instance ${name} has the unknown type "${type.slice(0, 40)}"`);
  }
  const uuid = instance.config['volatile.uuid'] ?? '';
  const mark = instance.config[MARK] ?? '';
  const observation: InstanceObservation = {
    lxd_project: project,
    name,
    type,
    status: statusOf(instance.state?.status_code ?? instance.status_code),
    description: instance.description,
    architecture: instance.architecture || null,
    ephemeral: instance.ephemeral,
    profiles: instance.profiles,
    config: withoutVolatile(instance.config),
    devices: instance.devices,
    image: imageOf(instance.config),
    host_uuid: UUID.test(uuid) ? uuid.toLowerCase() : null,
    addresses: addressesOf(instance),
    snapshots: instance.snapshots.map((snapshot) => ({
      name: snapshot.name,
      createdAt: momentOf(snapshot.created_at),
      expiresAt: momentOf(snapshot.expires_at),
      stateful: snapshot.stateful,
    })),
    created_at: momentOf(instance.created_at),
    last_used_at: momentOf(instance.last_used_at),
    mark: UUID.test(mark) ? mark.toLowerCase() : null,
  };
  if (databaseJson(observation).length > MAX_BYTES) {
    throw new UnusableInstance(`instance ${name} has more than ${MAX_BYTES} bytes of configuration`);
  }
  return observation;
}

/** Source: LXD doc/rest-api.md "Status codes" (shared/api/status_code.go). */
export function statusOf(code: number): InstanceStatus {
  switch (code) {
    case 102:
      return 'stopped';
    case 103: // running
    case 109: // freezing
    case 111: // thawed
    case 113: // ready
      return 'running';
    case 106:
      return 'starting';
    case 107: // stopping
    case 108: // aborting
      return 'stopping';
    case 110:
      return 'frozen';
    case 112:
      return 'error';
    default:
      return 'unknown';
  }
}

/** RFC 3339 in UTC, or null for Go's and Unix's zero times ("never") and for what is no time. */
export function momentOf(text: string): string | null {
  const moment = new Date(text);
  const year = moment.getUTCFullYear();
  return year > 1970 && year <= 9999 ? moment.toISOString() : null;
}

/**
 * JSON that PostgreSQL's jsonb and text take: without NUL and lone surrogates, which a host can send and which would
 * fail the whole batch.
 */
export function databaseJson(value: unknown): string {
  const text = JSON.stringify(value);
  // JSON.stringify writes both as \u escapes; hardly any text has one, so look before walking through every string.
  if (!/\\u(?:0000|d[89a-f])/i.test(text)) return text;
  return JSON.stringify(clean(value));
}

/** Short text from a host as PostgreSQL takes it: no NUL, at most 500 characters. */
export function databaseText(text: string): string {
  return text.slice(0, 500).replaceAll('\0', '');
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u{fffd}').toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [clean(key), clean(entry)]));
  }
  return value;
}

function withoutVolatile(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith('volatile.')));
}

function imageOf(config: Readonly<Record<string, string>>): string | null {
  const parts = [config['image.os'], config['image.release']].filter(Boolean).join(' ');
  return (config['image.description'] || parts).slice(0, 255) || null;
}

function addressesOf(instance: InstanceFull): InstanceAddress[] {
  const found: InstanceAddress[] = [];
  for (const [device, network] of Object.entries(instance.state?.network ?? {})) {
    for (const { family, address, scope } of network.addresses) {
      if (found.length === MAX_ADDRESSES) return found;
      const version = isIP(address);
      if (version === 0 || scope === 'local') continue;
      if (scope !== 'global' && scope !== 'link') continue;
      if ((family === 'inet') !== (version === 4)) continue;
      found.push({ device: device.slice(0, 64), address, family: version === 4 ? 'ipv4' : 'ipv6', scope });
    }
  }
  // Hosts list interfaces in a random order (a Go map): without this each read would look like a change.
  return found.sort((a, b) => compare(a.device, b.device) || compare(a.address, b.address));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
