import type { InstancePage } from '@longshore/contract';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useRef } from 'react';
import { instancesQuery } from '../live/fleet-queries.ts';
import { filterErrorOf } from '../parts/filter-error.ts';
import { filterError, type InstanceRow, matchFilter } from './match-filter.ts';
import { rowsOfPage } from './rows-of-page.ts';
import { inOrderOf, sortRows } from './sort-rows.ts';

export type InstanceRows = Readonly<{
  query: UseQueryResult<InstancePage>;
  rows: readonly InstanceRow[];
  /** How many there are without the filter. */
  total: number;
  error: string | null;
}>;

/**
 * The rows of the table. The whole list is here, so a keystroke in the filter asks nobody; only a fleet of more than a
 * page is filtered by the server too.
 */
export function useInstanceRows(filter: string, sort: string): InstanceRows {
  const readError = filterError(filter);
  const all = useQuery(instancesQuery(''));
  const isTooLarge = all.data !== undefined && all.data.next !== null && filter !== '' && readError === null;
  const matching = useQuery({
    ...instancesQuery(filter),
    enabled: isTooLarge,
    placeholderData: keepPreviousData,
  });
  const query = isTooLarge ? matching : all;
  const page = query.data;
  const last = useRef<Readonly<{ sort: string; rows: readonly InstanceRow[] }>>({ sort, rows: [] });
  const sorted = useMemo(() => {
    if (page === undefined) return [];
    const { sort: lastSort, rows: before } = last.current;
    const rows = rowsOfPage(page);
    const next = sortRows(lastSort === sort ? inOrderOf(before, rows) : rows, sort);
    // Only a start for the next sorting; whatever it is, the result is the same.
    last.current = { sort, rows: next };
    return next;
  }, [page, sort]);
  // Typing goes before drawing: the field shows each letter at once, the rows follow.
  const settled = useDeferredValue(filter);
  const rows = useMemo(
    () => (settled === '' || filterError(settled) !== null ? sorted : sorted.filter(matchFilter(settled))),
    [sorted, settled],
  );
  const total = all.data?.total ?? all.data?.items.length ?? 0;
  return { query, rows, total, error: readError ?? filterErrorOf(query.error) };
}
