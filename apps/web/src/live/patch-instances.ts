import type { Host, InstancePage } from '@longshore/contract';

/** `id:a,b,…` in a filter of at most 1024 characters: 27 identifiers fit, 25 leave room. */
export const IDS_PER_REQUEST = 25;

/** Beyond this, reading the whole list costs less than asking for the changed ones. */
export const MAX_PATCHED = 200;

/** Filters that together ask for these instances. */
export function filtersForIds(ids: Iterable<string>): readonly string[] {
  const all = [...ids];
  const filters: string[] = [];
  for (let at = 0; at < all.length; at += IDS_PER_REQUEST)
    filters.push(`id:${all.slice(at, at + IDS_PER_REQUEST).join(',')}`);
  return filters;
}

/**
 * The list with what was read anew. Rows that did not change stay the same objects, so that only changed rows are drawn
 * again; asked-for instances that were not found are gone.
 */
export function patchInstances(
  page: InstancePage,
  asked: ReadonlySet<string>,
  read: readonly InstancePage[],
): InstancePage {
  const fresh = new Map(read.flatMap((each) => each.items).map((item) => [item.id, item]));
  const items = page.items.flatMap((item) => {
    if (!asked.has(item.id)) return [item];
    const now = fresh.get(item.id);
    fresh.delete(item.id);
    return now === undefined ? [] : [now];
  });
  items.push(...fresh.values());
  const hosts = Object.assign({}, page.hosts, ...read.map((each) => each.hosts)) as InstancePage['hosts'];
  const projects = Object.assign(
    {},
    page.projects,
    ...read.map((each) => each.projects),
  ) as InstancePage['projects'];
  const grown = items.length - page.items.length;
  return { ...page, items, hosts, projects, total: page.total === null ? null : page.total + grown };
}

/** The list with what is known of its hosts now; the same list where nothing of it is new. */
export function patchHosts(
  page: InstancePage,
  known: readonly Pick<Host, 'id' | 'name' | 'status' | 'observedAt'>[],
): InstancePage {
  const hosts = { ...page.hosts };
  let isNew = false;
  for (const { id, name, status, observedAt } of known) {
    const before = hosts[id];
    if (before === undefined || (before.status === status && before.name === name)) continue;
    hosts[id] = { name, status, observedAt };
    isNew = true;
  }
  return isNew ? { ...page, hosts } : page;
}
