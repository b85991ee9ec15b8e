import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { changeSearch } from '../app/search.ts';
import { operationsQuery, RUNNING } from '../live/fleet-queries.ts';
import { FilterBar } from '../parts/FilterBar.tsx';
import { filterErrorOf } from '../parts/filter-error.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { t } from '../texts/texts.ts';
import { OperationsTable } from './OperationsTable.tsx';

const route = getRouteApi('/operations');
const OFFERS = [
  { label: t.operations.offers.running, term: RUNNING },
  { label: t.status.failed, term: 'status:failed' },
  { label: t.operations.offers.moves, term: 'action:instance.move' },
  { label: t.operations.offers.bulk, term: 'action:bulk' },
];

/** All that was asked for, the newest first. */
export function OperationsPage() {
  const { filter = '', selected } = route.useSearch();
  const navigate = useNavigate({ from: '/operations' });
  const error = filterErrorOf(useQuery(operationsQuery(filter, 100)).error);
  const setFilter = (next: string) => void navigate({ search: changeSearch('filter', next), replace: true });
  const select = (id: string | undefined) =>
    void navigate({ search: changeSearch('selected', id), replace: true });
  return (
    <>
      <PageHeader title={t.shell.operations} />
      <FilterBar
        filter={filter}
        change={setFilter}
        error={error}
        placeholder={t.operations.filter}
        offers={OFFERS}
      />
      {error === null && <OperationsTable filter={filter} selected={selected} select={select} />}
    </>
  );
}
