import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { auditSearch } from '../audit/audit-choice.ts';
import { consoleSearch } from '../consoles/console-choice.ts';
import { Empty, Loading, Problem } from '../parts/QueryStates.tsx';
import { SessionGate } from '../session/SessionGate.tsx';
import { t } from '../texts/texts.ts';
import { loadPage } from './load-page.ts';
import { listSearch, listTabSearch, loginSearch, profileSearch, tabSearch } from './search.ts';

const root = createRootRoute({
  component: SessionGate,
  notFoundComponent: () => <Empty title={t.states.noSuchPage} text={t.states.noSuchPageText} />,
});
const getParentRoute = () => root;

const routeTree = root.addChildren([
  createRoute({
    getParentRoute,
    path: '/',
    component: lazyRouteComponent(
      () => loadPage(() => import('../overview/OverviewPage.tsx')),
      'OverviewPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/setup',
    component: lazyRouteComponent(() => loadPage(() => import('../session/SetupPage.tsx')), 'SetupPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/login',
    validateSearch: loginSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../session/LoggedInPage.tsx')),
      'LoggedInPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/hosts',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../hosts/HostsPage.tsx')), 'HostsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/hosts/enrol',
    component: lazyRouteComponent(() => loadPage(() => import('../hosts/EnrolPage.tsx')), 'EnrolPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/hosts/$id',
    validateSearch: tabSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../hosts/HostPage.tsx')), 'HostPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/instances',
    validateSearch: listSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../instances/InstancesPage.tsx')),
      'InstancesPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/instances/new',
    component: lazyRouteComponent(() => loadPage(() => import('../create/CreatePage.tsx')), 'CreatePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/instances/$id',
    validateSearch: tabSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../instances/InstancePage.tsx')),
      'InstancePage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/consoles',
    component: lazyRouteComponent(
      () => loadPage(() => import('../consoles/ConsolesPage.tsx')),
      'ConsolesPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/consoles/$id',
    validateSearch: consoleSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../consoles/ConsolePage.tsx')), 'ConsolePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/images',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../images/ImagesPage.tsx')), 'ImagesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/operations',
    validateSearch: listSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../operations/OperationsPage.tsx')),
      'OperationsPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/projects',
    validateSearch: listSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../projects/ProjectsPage.tsx')),
      'ProjectsPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/projects/$id',
    validateSearch: tabSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../projects/ProjectPage.tsx')), 'ProjectPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/people',
    validateSearch: listTabSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../people/PeoplePage.tsx')), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/people/$id',
    validateSearch: tabSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../people/PersonPage.tsx')), 'PersonPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/audit',
    validateSearch: auditSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../audit/AuditPage.tsx')), 'AuditPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/settings',
    validateSearch: tabSearch,
    component: lazyRouteComponent(
      () => loadPage(() => import('../settings/SettingsPage.tsx')),
      'SettingsPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/profile',
    validateSearch: profileSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../profile/ProfilePage.tsx')), 'ProfilePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/tokens',
    validateSearch: tabSearch,
    component: lazyRouteComponent(() => loadPage(() => import('../tokens/TokensPage.tsx')), 'TokensPage'),
  }),
]);

/** All addresses of the interface; each page is a file of its own that is loaded when it is opened. */
export const router = createRouter({
  routeTree,
  basepath: '/ui',
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => (
    <Problem error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
  ),
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
