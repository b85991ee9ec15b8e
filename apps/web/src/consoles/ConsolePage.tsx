import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { instanceQuery } from '../live/fleet-queries.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { TerminalView } from './TerminalView.tsx';

const route = getRouteApi('/consoles/$id');

/** A console in a tab of its own. */
export function ConsolePage() {
  const { id } = route.useParams();
  const choice = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(instanceQuery(id));
  return (
    <Read query={query}>
      {({ value: { name } }) => (
        <>
          <PageHeader title={name} />
          <TerminalView
            key={JSON.stringify(choice)}
            instanceId={id}
            name={name}
            choice={choice}
            height="calc(100vh - 220px)"
            leave={() => void navigate({ to: '/instances/$id', params: { id }, search: { tab: 'console' } })}
          />
        </>
      )}
    </Read>
  );
}
