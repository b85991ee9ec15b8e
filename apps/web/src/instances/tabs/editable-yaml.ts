import { parse, stringify } from 'yaml';
import { checkYaml } from '../../parts/check-yaml.ts';
import { t } from '../../texts/texts.ts';
import type { Editable } from './configuration-change.ts';

type Read<Value> = Readonly<{ value: Value; error: null }> | Readonly<{ value: null; error: string }>;

/** As a text to be edited. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

/** The configuration that a text means. Numbers and truths become texts, as LXD keeps them. */
export function readEditable(text: string): Read<Editable> {
  const read = readYaml(text);
  if (read.error !== null) return read;
  const { description = '', profiles = [], config = {}, ...rest } = read.value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return fail(t.configuration.unknownKey(unknown));
  const texts = textRecord(config ?? {});
  if (texts === null) return fail(t.configuration.notTexts);
  if (!Array.isArray(profiles) || !profiles.every((profile) => typeof profile === 'string'))
    return fail(t.configuration.notProfiles);
  return { value: { description: String(description ?? ''), profiles, config: texts }, error: null };
}

/** The devices that a text means. */
export function readDevices(text: string): Read<Record<string, Record<string, string>>> {
  const read = readYaml(text);
  if (read.error !== null) return read;
  const devices: Record<string, Record<string, string>> = {};
  for (const [name, options] of Object.entries(read.value)) {
    const texts = textRecord(options);
    if (texts === null) return fail(t.configuration.notDevice(name));
    devices[name] = texts;
  }
  return { value: devices, error: null };
}

function readYaml(text: string): Read<Record<string, unknown>> {
  const fault = checkYaml(text);
  if (fault !== null) return fail(fault);
  const value: unknown = parse(text, { maxAliasCount: 100 }) ?? {};
  return isRecord(value) ? { value, error: null } : fail(t.configuration.notRecord);
}

function textRecord(value: unknown): Record<string, string> | null {
  if (!isRecord(value)) return null;
  const texts: Record<string, string> = {};
  for (const [key, each] of Object.entries(value)) {
    if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean') return null;
    texts[key] = String(each);
  }
  return texts;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(error: string): Readonly<{ value: null; error: string }> {
  return { value: null, error };
}
