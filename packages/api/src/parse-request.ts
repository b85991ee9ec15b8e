import { LongshoreError } from '@longshore/contract';
import type { z } from 'zod';

const MAX_FIELDS = 20;

/**
 * Parses one part of a request.
 * @throws LongshoreError `bad-request` with the fields
 */
export function parsePart<Schema extends z.ZodType>(
  part: 'path' | 'query' | 'body',
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  // Where all fields are optional, so is the body.
  const given = part === 'body' && value === undefined && !schema.safeParse(undefined).success ? {} : value;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const fields = parsed.error.issues
      .slice(0, MAX_FIELDS)
      .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
    throw badRequest(part, fields);
  }
  const place = unstorableText(parsed.data, []);
  if (place !== null) {
    throw badRequest(part, [
      { path: place, message: 'has a character that is not allowed (U+0000, or half a pair)' },
    ]);
  }
  return parsed.data;
}

function badRequest(part: string, fields: readonly { path: string; message: string }[]): LongshoreError {
  const [first] = fields;
  const at = first === undefined || first.path === '' ? '' : ` at "${first.path}"`;
  return new LongshoreError(
    'bad-request',
    `The ${part} of the request is not valid${at}: ${first?.message ?? ''}.`,
    {
      hint: 'The page /docs describes every route with its fields.',
      fields,
    },
  );
}

/** The path of a text that PostgreSQL cannot keep, or null. The schemas bound the depth. */
function unstorableText(value: unknown, path: readonly string[]): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path.join('.');
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (!isStorable(key)) return path.join('.');
    const found = unstorableText(inner, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
