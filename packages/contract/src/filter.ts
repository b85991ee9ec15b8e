import { LongshoreError } from './problem.ts';

/** One condition: `field:value`, or a bare word (`field` is null) that is looked for in the name. */
export type FilterTerm = Readonly<{ field: string | null; value: string; negated: boolean }>;

const MAX_TERMS = 32;

/**
 * Reads the filter language of all lists: terms with spaces between them, all of which must hold; `-` negates;
 * `*` in a value stands for anything; several values with commas between them are alternatives; a value with spaces
 * is put in double quotes (`\"` and `\\` inside).
 *
 * @throws LongshoreError `bad-filter`, with the place in the text.
 */
export function parseFilter(text: string, fields: readonly string[]): readonly FilterTerm[] {
  const terms: FilterTerm[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const negated = text.charAt(at) === '-';
    if (negated) at += 1;
    const name = /^[a-zA-Z][a-zA-Z-]*:/.exec(text.slice(at))?.[0];
    const field = name === undefined ? null : name.slice(0, -1);
    if (field !== null && !fields.includes(field)) {
      throw new LongshoreError('bad-filter', `The filter has no field "${field}" (at character ${at + 1}).`, {
        hint: `Use one of: ${fields.join(', ')}.`,
      });
    }
    at += name?.length ?? 0;
    const value = readValue(text, at);
    if (value.text === '') {
      throw new LongshoreError('bad-filter', `A value is missing in the filter at character ${at + 1}.`, {
        hint: 'Write field:value, such as status:running.',
      });
    }
    at = value.end;
    terms.push({ field, value: value.text, negated });
    if (terms.length > MAX_TERMS)
      throw new LongshoreError('bad-filter', `A filter has at most ${MAX_TERMS} terms.`);
  }
  return terms;
}

function readValue(text: string, start: number): { text: string; end: number } {
  if (text.charAt(start) !== '"') {
    const end = start + (/^\S*/.exec(text.slice(start))?.[0].length ?? 0);
    return { text: text.slice(start, end), end };
  }
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { text: value, end: at + 1 };
    if (char === '\\' && at + 1 < text.length) at += 1;
    value += text.charAt(at);
  }
  throw new LongshoreError('bad-filter', `The quote at character ${start + 1} of the filter is not closed.`);
}

/** Fields that lists can be filtered by. */
export const HOST_FILTERS = ['name', 'status', 'kind', 'label', 'maintenance', 'version'] as const;
export const INSTANCE_FILTERS = [
  'name',
  'host',
  'status',
  'type',
  'project',
  'lxdproject',
  'label',
  'claimed',
  'protected',
  'address',
  'image',
  'id',
] as const;
export const OPERATION_FILTERS = ['action', 'status', 'target', 'host', 'project', 'by', 'parent'] as const;
export const PROJECT_FILTERS = ['name'] as const;
export const AUDIT_FILTERS = [
  'who',
  'action',
  'target',
  'host',
  'result',
  'code',
  'address',
  'operation',
] as const;
export const PEOPLE_FILTERS = ['name', 'status'] as const;
export const IMAGE_FILTERS = ['fingerprint', 'alias', 'description', 'host', 'type', 'architecture'] as const;
export const DNS_NAME_FILTERS = ['name', 'type', 'zone', 'value', 'source'] as const;
