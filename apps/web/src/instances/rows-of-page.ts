import type { InstancePage, InstanceSummary } from '@longshore/contract';
import type { InstanceRow } from './match-filter.ts';

const known = new WeakMap<InstanceSummary, InstanceRow>();

/**
 * The rows of a page. An instance that did not change keeps its row, the same object: with 50 changes a second in a list of
 * 10,000, only those rows are made and drawn anew.
 */
export function rowsOfPage(page: InstancePage): readonly InstanceRow[] {
  return page.items.map((item) => {
    const hostName = page.hosts[item.hostId]?.name ?? '';
    const projectName = item.projectId === null ? null : (page.projects[item.projectId]?.name ?? null);
    const before = known.get(item);
    if (before?.hostName === hostName && before.projectName === projectName) return before;
    const row = { ...item, hostName, projectName };
    known.set(item, row);
    return row;
  });
}
