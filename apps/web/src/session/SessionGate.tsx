import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useSyncExternalStore } from 'react';
import { loadPage } from '../app/load-page.ts';
import { Shell } from '../app/Shell.tsx';
import { hostsQuery } from '../live/fleet-queries.ts';
import { Empty, Loading, Problem } from '../parts/QueryStates.tsx';
import { t } from '../texts/texts.ts';
import { confirm, onLoginChange, readLogin } from './login-store.ts';
import { type Session, SessionContext } from './session.ts';
import { sessionQuery } from './session-query.ts';

// Who comes with a session needs neither.
const LoginPage = lazy(async () => ({
  default: (await loadPage(() => import('./LoginPage.tsx'))).LoginPage,
}));
const PendingPage = lazy(async () => ({
  default: (await loadPage(() => import('./PendingPage.tsx'))).PendingPage,
}));

/** What is open to who has no role. */
const OWN_PAGES = new Set(['/profile', '/tokens']);

/** Whether the last session of this browser could see hosts: a hint to ask for them early, and nothing more. */
const SEES_HOSTS = 'longshore.sees-hosts';

/** Every page but the set-up needs a session. Without one, the login stands at the page's own address. */
export function SessionGate() {
  const login = useSyncExternalStore(onLoginChange, readLogin);
  const isSetup = useLocation({ select: (location) => location.pathname === '/setup' });
  const queries = useQueryClient();
  useEffect(() => {
    // What one has read must not be shown to the next. The ways to log in are everyone's, and being asked for just now.
    if (login.phase === 'out')
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'login' });
  }, [login.phase, queries]);
  if (isSetup) return <Outlet />;
  if (login.phase === 'out') {
    return (
      <Suspense fallback={<Loading />}>
        <LoginPage />
      </Suspense>
    );
  }
  return <WithSession key={login.epoch} epoch={login.epoch} />;
}

function WithSession({ epoch }: Readonly<{ epoch: number }>) {
  const queries = useQueryClient();
  const query = useQuery(sessionQuery(epoch));
  const answer = query.data;
  const path = useLocation({ select: (location) => location.pathname });
  const session = useMemo<Session | null>(
    () => (answer === undefined ? null : { ...answer, permissions: answer.access.permissions }),
    [answer],
  );
  useEffect(() => {
    // Nearly every page shows hosts; they are asked for together with the session and not after it.
    if (localStorage.getItem(SEES_HOSTS) !== null) void queries.prefetchQuery(hostsQuery);
  }, [queries]);
  useEffect(() => {
    if (session === null) return;
    confirm(epoch);
    if (session.permissions.includes('hosts:read')) localStorage.setItem(SEES_HOSTS, 'yes');
    else localStorage.removeItem(SEES_HOSTS);
  }, [session, epoch]);
  if (session === null) {
    return query.error === null ? (
      <Loading />
    ) : (
      <Problem error={query.error} retry={() => void query.refetch()} />
    );
  }
  if (session.me.status === 'pending') {
    return (
      <Suspense fallback={<Loading />}>
        <PendingPage me={session.me} />
      </Suspense>
    );
  }
  const mayNothing = session.permissions.length === 0 && session.access.parts.length === 0;
  return (
    <SessionContext value={session}>
      <Shell offlineSince={query.error === null ? null : query.dataUpdatedAt}>
        {mayNothing && !OWN_PAGES.has(path) ? (
          <Empty title={t.pending.noRole} text={t.pending.noRoleText} />
        ) : (
          <Outlet />
        )}
      </Shell>
    </SessionContext>
  );
}
