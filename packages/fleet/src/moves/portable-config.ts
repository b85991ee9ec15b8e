import { MARK as ID_MARK } from '../sync/instance-observation.ts';

/** Names of an instance's configuration keys that Longshore owns. */
export const MARK = {
  /** Identifier of the instance's row: on every instance that Longshore made or moved. */
  id: ID_MARK,
  /** The operation that is moving it: on both halves of a move until it has ended. */
  move: 'user.longshore.move',
  /** The operation that copied or imported it, until that has ended: whose half-made work it is. */
  making: 'user.longshore.making',
} as const;

type Config = Readonly<Record<string, string>>;

/**
 * Keys of `volatile.*` that are identity and not the state of one host: they go along in a move. `last_state.*`,
 * `idmap.*`, `host_name` and their like are found anew by the target; passing them on would make it trust user
 * mappings and interface names of another machine. `uuid.generation`, which LXD 5.0 does not know, is made anew from
 * `uuid`. Source: LXD doc "Instance options", volatile keys.
 */
const IDENTITY = /^volatile\.(?:base_image|uuid|cloud-init\.instance-id|vm\.uuid|[^.]+\.(?:hwaddr|name))$/;

/** The part of an instance's own configuration that goes along when it moves; Longshore's marks are set anew. */
export function configForMove(config: Config): Record<string, string> {
  return pick(config, (key) => !key.startsWith('volatile.') || IDENTITY.test(key));
}

/** The part that a copy takes over: what a person has set, and the image it stems from, but no identity. */
export function configForCopy(config: Config): Record<string, string> {
  return pick(config, (key) => !key.startsWith('volatile.') || key === 'volatile.base_image');
}

function pick(config: Config, take: (key: string) => boolean): Record<string, string> {
  const marks: readonly string[] = Object.values(MARK);
  return Object.fromEntries(Object.entries(config).filter(([key]) => take(key) && !marks.includes(key)));
}

type DeviceMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The root disk among devices: the one mounted at `/` that has a pool. */
export function rootDevice(
  devices: DeviceMap,
): { name: string; options: Readonly<Record<string, string>> } | undefined {
  for (const [name, options] of Object.entries(devices)) {
    if (options.type === 'disk' && options.path === '/' && options.pool !== undefined)
      return { name, options };
  }
  return undefined;
}

/** The devices of an instance, with its root disk in another pool. */
export function withRootPool(
  devices: DeviceMap,
  root: { readonly name: string; readonly options: Readonly<Record<string, string>> },
  pool: string,
): Record<string, Record<string, string>> {
  const copy = Object.fromEntries(Object.entries(devices).map(([name, options]) => [name, { ...options }]));
  return { ...copy, [root.name]: { ...root.options, pool } };
}
