/** One page as the API answers it. */
export type Page<Item> = Readonly<{ items: readonly Item[]; next: string | null; total: number | null }>;

/** The pages of a list and what they hold together. */
export type Collected<P extends Page<unknown>> = Readonly<{
  items: readonly P['items'][number][];
  pages: readonly P[];
  next: string | null;
  total: number | null;
}>;

/** As many as one request is worth: a fleet of usual size in one answer, a large one in few. */
const PAGE_SIZE = 1000;

/**
 * Fetches pages until all, or `limit`, items are there; undefined means all. The last page's cursor stays in `next`
 * when the limit has cut the list off.
 */
export async function collectPages<P extends Page<unknown>>(
  limit: number | undefined,
  fetchPage: (query: { limit: number; cursor?: string }) => Promise<P>,
): Promise<Collected<P>> {
  const items: P['items'][number][] = [];
  const pages: P[] = [];
  let next: string | null = null;
  do {
    const wanted = limit === undefined ? PAGE_SIZE : Math.min(PAGE_SIZE, limit - items.length);
    const page: P = await fetchPage(next === null ? { limit: wanted } : { limit: wanted, cursor: next });
    pages.push(page);
    items.push(...page.items);
    next = page.next;
  } while (next !== null && (limit === undefined || items.length < limit));
  return { items, pages, next, total: pages[0]?.total ?? null };
}

/** All pages as one page, as the API would answer it: what pages carry beside their items (the hosts by identifier) is joined. */
export function joinPages<P extends Page<unknown>>(list: Collected<P>): Readonly<Record<string, unknown>> {
  const joined: Record<string, unknown> = {};
  for (const page of list.pages) {
    for (const [key, value] of Object.entries(page)) {
      if (key === 'items') continue;
      const before = joined[key];
      joined[key] = typeof value === 'object' && typeof before === 'object' ? { ...before, ...value } : value;
    }
  }
  return { ...joined, items: list.items, next: list.next, total: list.total };
}
