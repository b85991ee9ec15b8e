import { createHash } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { z } from 'zod';

/**
 * Where a page ended: the values of the sort columns of its last item, as PostgreSQL writes them, with the identifier
 * last. Opaque to clients. Not signed: a forged one can only name another place in the same list, since it holds
 * values that are bound as parameters, and is checked by {@link readCursor}.
 */
export type Cursor = Readonly<{
  /** The sort key values of the last item, in the order of the sort. */
  after: readonly string[];
  /** What the first page counted, so that later pages need not count again. */
  total: number | null;
}>;

/** Which list a cursor belongs to: it is refused by another list, sort or filter. */
export type CursorList = Readonly<{ list: string; sort: string; filter: string | undefined }>;

const Stored = z
  .object({
    l: z.string(),
    a: z.array(z.string().max(512)).min(1).max(4),
    t: z.int().min(0).nullable(),
  })
  .strict();

/** The text that a client hands back for the next page. */
export function writeCursor(of: CursorList, cursor: Cursor): string {
  const stored: z.infer<typeof Stored> = { l: tagOf(of), a: [...cursor.after], t: cursor.total };
  return Buffer.from(JSON.stringify(stored), 'utf8').toString('base64url');
}

/**
 * Reads a cursor back; `shape` says what each of its values must look like, so that none makes the statement fail.
 *
 * @throws LongshoreError `bad-cursor`
 */
export function readCursor(text: string, of: CursorList, shape: readonly RegExp[]): Cursor {
  const stored = Stored.safeParse(decoded(text));
  if (!stored.success || stored.data.a.length !== shape.length) throw badCursor();
  const { a: after, t: total, l: tag } = stored.data;
  if (tag !== tagOf(of)) throw badCursor();
  // NUL is text in JSON and not in PostgreSQL.
  if (!after.every((value, at) => shape[at]?.test(value) && !value.includes('\0'))) throw badCursor();
  return { after, total };
}

/** Shapes of cursor values. */
export const CURSOR_SHAPE = {
  text: /^[\s\S]*$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /** Made by {@link MICROSECONDS}: a JavaScript Date has three digits too few, and would skip or repeat items. */
  moment: /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z$/,
} as const;

/** `to_char` format, at UTC, of a moment in a cursor. */
export const MICROSECONDS = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';

function tagOf({ list, sort, filter }: CursorList): string {
  return createHash('sha256')
    .update(JSON.stringify([list, sort, filter ?? '']))
    .digest('base64url')
    .slice(0, 10);
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined; // not ours; refused by the schema
  }
}

function badCursor(): LongshoreError {
  return new LongshoreError('bad-cursor', 'The cursor does not belong to this list, sort and filter.', {
    hint: 'Pass `next` of the page before unchanged, with the same filter and sort; or begin without a cursor.',
  });
}
