import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { consolesQuery } from './console-queries.ts';
import { SessionTable } from './SessionTable.tsx';

/** Who is connected to any instance. */
export function ConsolesPage() {
  const { access } = useSession();
  const query = useQuery(consolesQuery);
  // On parts of the fleet the server decides: the list does not tell of which part an instance is.
  const mayEnd = permittedSomewhere(access, 'consoles:end');
  return (
    <>
      <PageHeader title={t.consoles.title} />
      <Read query={query}>
        {(sessions) => (
          <SessionTable
            sessions={sessions}
            wide
            whyNotEnd={() => (mayEnd ? null : whyNotPermitted('consoles:end', access.permissions))}
          />
        )}
      </Read>
    </>
  );
}
