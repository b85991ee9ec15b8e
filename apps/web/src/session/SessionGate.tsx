import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Shell } from '../app/Shell.tsx';
import { hostsQuery, serverQuery } from '../live/fleet-queries.ts';
import { Loading, Problem } from '../parts/QueryStates.tsx';
import { LoginPage } from './LoginPage.tsx';
import { type Session, SessionContext } from './session.ts';
import { onTokenChange, readToken } from './token-store.ts';

/** Every page but the set-up needs a session. Without one, the login stands at the page's own address. */
export function SessionGate() {
  const token = useSyncExternalStore(onTokenChange, readToken);
  const isSetup = useLocation({ select: (location) => location.pathname === '/setup' });
  const queries = useQueryClient();
  useEffect(() => {
    // Nearly every page shows hosts; they are asked for together with the session and not after it.
    if (token !== null) void queries.prefetchQuery(hostsQuery);
  }, [token, queries]);
  useEffect(() => {
    // What one token has read must not be shown to the next.
    if (token === null) queries.clear();
  }, [token, queries]);
  if (isSetup) return <Outlet />;
  if (token === null) return <LoginPage />;
  return <WithSession key={token} />;
}

function WithSession() {
  const query = useQuery(serverQuery);
  const server = query.data;
  const session = useMemo<Session | null>(
    () => (server === undefined ? null : { server, permissions: server.token.permissions }),
    [server],
  );
  if (session === null) {
    return query.error === null ? (
      <Loading />
    ) : (
      <Problem error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <SessionContext value={session}>
      <Shell offlineSince={query.error === null ? null : query.dataUpdatedAt}>
        <Outlet />
      </Shell>
    </SessionContext>
  );
}
