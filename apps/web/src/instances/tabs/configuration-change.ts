import type { InstanceConfiguration } from '@longshore/contract';

/** What the form and the YAML show of an instance, and what can be changed of it. */
export type Editable = Readonly<{
  description: string;
  profiles: readonly string[];
  config: Readonly<Record<string, string>>;
}>;

/** The editable part. `volatile.*` and `image.*` belong to the host and only lengthen the text. */
export function editableOf(instance: Editable): Editable {
  const config = Object.fromEntries(
    Object.entries(instance.config)
      .filter(([key]) => !key.startsWith('volatile.') && !key.startsWith('image.'))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { description: instance.description, profiles: instance.profiles, config };
}

/** What has to be sent to get from one to the other: only what differs, `null` for what is to go. Null: nothing differs. */
export function configurationChange(before: Editable, after: Editable): InstanceConfiguration | null {
  const change: InstanceConfiguration = {};
  if (after.description !== before.description) change.description = after.description;
  if (after.profiles.join('\n') !== before.profiles.join('\n')) change.profiles = [...after.profiles];
  const config = recordChange(before.config, after.config, (a, b) => a === b);
  if (config !== null) change.config = config;
  return Object.keys(change).length === 0 ? null : change;
}

/** The same for devices; a changed device is sent whole. */
export function devicesChange(
  before: Readonly<Record<string, Readonly<Record<string, string>>>>,
  after: Readonly<Record<string, Record<string, string>>>,
): InstanceConfiguration | null {
  const same = (a: object, b: object) =>
    JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
  const devices = recordChange<Record<string, string>>(before, after, same);
  return devices === null ? null : { devices };
}

function recordChange<Value>(
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>>,
  same: (a: Value, b: Value) => boolean,
): Record<string, Value | null> | null {
  const changed: Record<string, Value | null> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old === undefined || !same(old, value)) changed[key] = value;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed[key] = null;
  return Object.keys(changed).length === 0 ? null : changed;
}
