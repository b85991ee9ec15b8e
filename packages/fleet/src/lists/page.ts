import { MAX_PAGE } from '@longshore/contract';
import { type Query, type RawBuilder, sql } from '@longshore/store';
import { allOf, type Condition } from './filter-sql.ts';

/** What every list is asked with; the contract's `pageQuery`, parsed. */
export type ListQuery = Readonly<{
  limit: number;
  cursor?: string | undefined;
  filter?: string | undefined;
  /** A field, with `-` before it for descending order. */
  sort?: string | undefined;
}>;

/** One page; `total` is null above {@link MAX_PAGE}. */
export type Page<Item> = Readonly<{ items: Item[]; next: string | null; total: number | null }>;

/**
 * How many rows match, or null for more than the largest page: counting goes no further than that. Asked for the
 * first page only; the cursor carries it on.
 */
export async function countUpTo(
  query: Query,
  from: RawBuilder<unknown>,
  where: readonly Condition[],
): Promise<number | null> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM (SELECT FROM ${from} WHERE ${allOf(where)} LIMIT ${MAX_PAGE + 1}) AS matching`.execute(
    query,
  );
  const n = rows[0]?.n ?? 0;
  return n > MAX_PAGE ? null : n;
}
