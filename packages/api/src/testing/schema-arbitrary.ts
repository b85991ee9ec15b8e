import fc from 'fast-check';
import { z } from 'zod';

const Schema = z.record(z.string(), z.unknown());
const Schemas = z.record(z.string(), Schema);
export type JsonSchema = z.infer<typeof Schema>;

/** What strings, identifiers and addresses are made of. */
export type Material = Readonly<{
  /** Identifiers that exist. */
  ids: readonly string[];
  /** Names that exist: of hosts, instances, images. */
  names: readonly string[];
  /** Addresses that may be dialled. */
  urls: readonly string[];
}>;

/** Values that a program might trip over. */
export const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  0.1,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '../../etc/passwd',
  "'; DROP TABLE hosts; --",
  '%00',
  '%',
  '*',
  '"',
  '-',
  'x'.repeat(70_000),
  '\u202e\u{1f600}',
  'constructor',
  '__proto__',
  'NaN',
  '1e999',
  [],
  {},
  [[[[[[]]]]]],
  { constructor: { prototype: 1 } },
  { $gt: '' },
];

/** Arbitrary values of a JSON Schema of an OpenAPI document; conforming as far as the schema tells. */
export function arbitraryOf(
  schema: JsonSchema,
  components: Readonly<Record<string, JsonSchema>>,
  material: Material,
): fc.Arbitrary<unknown> {
  const inner = (each: JsonSchema) => arbitraryOf(each, components, material);
  if (typeof schema.$ref === 'string') {
    return inner(components[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {});
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = z.array(Schema).safeParse(schema.anyOf ?? schema.oneOf);
  if (choices.success) return fc.oneof(...choices.data.map(inner));
  switch (schema.type) {
    case 'string':
      return stringOf(schema, material);
    case 'integer':
    case 'number':
      return fc.integer({ min: numberOr(schema.minimum, 0), max: numberOr(schema.maximum, 10_000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(Schema.catch({}).parse(schema.items)), { maxLength: 3 });
    case 'object':
      return objectOf(schema, inner);
    default:
      return fc.constantFrom(...JUNK);
  }
}

function objectOf(
  schema: JsonSchema,
  inner: (each: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const properties = Schemas.safeParse(schema.properties);
  if (properties.success) {
    const required = z.array(z.string()).catch([]).parse(schema.required);
    const fields = Object.entries(properties.data).map(([name, field]) => [name, inner(field)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }
  const values = Schema.catch({}).parse(schema.additionalProperties);
  const keys = Schema.catch({ type: 'string' }).parse(schema.propertyNames);
  return fc.dictionary(inner(keys).map(String), inner(values), { maxKeys: 3 });
}

function stringOf(schema: JsonSchema, { ids, names, urls }: Material): fc.Arbitrary<unknown> {
  switch (schema.format) {
    case 'uuid':
      return fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...ids) },
        { weight: 1, arbitrary: fc.uuid({ version: 4 }) },
      );
    case 'uri':
      return fc.constantFrom(...urls);
    case 'date-time':
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('2200-01-01') })
        .map((date) => date.toISOString());
    default:
  }
  const known = fc.constantFrom(...names);
  if (typeof schema.pattern === 'string') {
    const matching = fc.stringMatching(
      new RegExp(schema.pattern, schema.pattern.includes('\\p') ? 'u' : ''),
      { maxLength: 40 },
    );
    return fc.oneof({ weight: 1, arbitrary: known }, { weight: 2, arbitrary: matching });
  }
  return fc.oneof(
    known,
    fc.string({ minLength: numberOr(schema.minLength, 0), maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : fallback;
}

/** A value with one place of it replaced by something else, or with a field too many. */
export function corrupted(value: unknown, place: number, junk: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 || place === 0) return [...value, junk];
    const at = place % value.length;
    return value.map((each, index) => (index === at ? corrupted(each, place >> 2, junk) : each));
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    if (keys.length === 0 || place % 7 === 0) return { ...value, extra: junk };
    const key = keys[place % keys.length] ?? '';
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        name === key ? corrupted(each, place >> 2, junk) : each,
      ]),
    );
  }
  return junk;
}
