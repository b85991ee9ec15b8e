import { z } from 'zod';

/** The largest page: a whole fleet of the size that people scroll through, in one answer. */
export const MAX_PAGE = 10_000;

/** Query of every list. `sort` is a field name, with `-` before it for descending order. */
export function pageQuery<const Sort extends readonly [string, ...string[]]>(sorts: Sort) {
  const both = sorts.flatMap((sort) => [sort, `-${sort}`]) as [string, ...string[]];
  return z.object({
    limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
    cursor: z.string().max(1024).optional().describe('`next` of the page before.'),
    filter: z
      .string()
      .max(1024)
      .optional()
      .describe('Such as `host:a status:running name:web* -label:env=test`.'),
    sort: z.enum(both).optional(),
  });
}

/** One page: the items, the cursor of the next page, and how many match in all (null where that would cost too much). */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable(), total: z.int().nullable() });
}
