import type { Instance } from '@longshore/contract';
import { Alert, Loader, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { instanceQuery } from '../live/fleet-queries.ts';
import { OperationsTable } from '../operations/OperationsTable.tsx';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ageText } from '../parts/age-text.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Loading, Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { useNow } from '../parts/use-now.ts';
import { type InstanceFacts, whyNotInstance } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { PowerButtons } from './PowerButtons.tsx';
import { DangerTab } from './tabs/DangerTab.tsx';
import { ExportsTab } from './tabs/ExportsTab.tsx';
import { NetworkTab } from './tabs/NetworkTab.tsx';
import { OverviewTab } from './tabs/OverviewTab.tsx';
import { SnapshotsTab } from './tabs/SnapshotsTab.tsx';
import { useInstanceFacts } from './use-instance-facts.ts';

const route = getRouteApi('/instances/$id');

/** What each tab of an instance gets. */
export type InstanceTabProps = Readonly<{ instance: Instance; etag: string | null; facts: InstanceFacts }>;

/** A tab of an instance. Rooms that come later (consoles, guest plugins) add theirs here. */
type InstanceTab = Readonly<{ id: string; label: string; Content: ComponentType<InstanceTabProps> }>;

// YAML is needed on these only, and is not small.
const ConfigurationTab = lazy(async () => ({
  default: (await import('./tabs/ConfigurationTab.tsx')).ConfigurationTab,
}));
const DevicesTab = lazy(async () => ({ default: (await import('./tabs/DevicesTab.tsx')).DevicesTab }));

const TABS: readonly InstanceTab[] = [
  { id: 'overview', label: t.instances.tabs.overview, Content: OverviewTab },
  { id: 'configuration', label: t.instances.tabs.configuration, Content: ConfigurationTab },
  { id: 'devices', label: t.instances.tabs.devices, Content: DevicesTab },
  { id: 'network', label: t.instances.tabs.network, Content: NetworkTab },
  { id: 'snapshots', label: t.instances.tabs.snapshots, Content: SnapshotsTab },
  { id: 'exports', label: t.instances.tabs.exports, Content: ExportsTab },
  {
    id: 'operations',
    label: t.instances.tabs.operations,
    Content: ({ instance }) => <OperationsTable filter={`target:${instance.id}`} />,
  },
  { id: 'danger', label: t.danger, Content: DangerTab },
];

/** One instance: all that is known of it, and all that can be done with it. */
export function InstancePage() {
  const { id } = route.useParams();
  const query = useQuery(instanceQuery(id));
  return <Read query={query}>{({ value, etag }) => <Loaded instance={value} etag={etag} />}</Read>;
}

function Loaded({ instance, etag }: Readonly<{ instance: Instance; etag: string | null }>) {
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate({ from: '/instances/$id' });
  const facts = useInstanceFacts()({ ...instance, hostId: instance.host.id });
  return (
    <>
      <PageHeader
        title={instance.name}
        beside={
          <>
            <StatusBadge status={instance.status} />
            {instance.operationId !== null && (
              <Loader size={16} role="img" aria-label={t.instances.changing} />
            )}
          </>
        }
      >
        <PowerButtons instance={instance} facts={facts} />
      </PageHeader>
      <Notices instance={instance} etag={etag} facts={facts} />
      <Tabs
        value={TABS.some((each) => each.id === tab) ? tab : 'overview'}
        onChange={(value) => void navigate({ search: { tab: value ?? 'overview' }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map(({ id, label }) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ id, Content }) => (
          <Tabs.Panel key={id} value={id}>
            <Suspense fallback={<Loading />}>
              <Content instance={instance} etag={etag} facts={facts} />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Notices({ instance, etag, facts }: InstanceTabProps) {
  const now = useNow();
  const { ask, asking } = useChange();
  const { permissions } = useSession();
  const { host } = instance;
  const claim = () =>
    void ask(t.instances.claim, () =>
      client.call('updateInstance', {
        params: { id: instance.id },
        body: { claimed: true },
        ifMatch: etag ?? '',
      }),
    );
  return (
    <>
      {host.status !== 'online' && (
        <Alert
          color="orange"
          variant="outline"
          mb="md"
          title={t.instances.hostIs(host.name, t.status[host.status])}
        >
          {t.instances.lastSeen(ageText(instance.observedAt, now))}
        </Alert>
      )}
      {instance.status === 'missing' && (
        <Alert color="red" variant="outline" mb="md" title={t.instances.missing}>
          {t.instances.missingText(host.name)}
        </Alert>
      )}
      {!instance.claimed && (
        <Alert color="blue" variant="outline" mb="md" title={t.instances.unclaimed}>
          <Text size="sm" mb="xs">
            {t.instances.unclaimedHint}
          </Text>
          <ActionButton
            label={t.instances.claim}
            reason={whyNotInstance('claim', facts, permissions)}
            loading={asking}
            run={claim}
          />
        </Alert>
      )}
    </>
  );
}
