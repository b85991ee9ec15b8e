import type { Host } from '@longshore/contract';
import { Alert, Group, Switch, Tabs, Text, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { hostQuery } from '../live/fleet-queries.ts';
import { OperationsTable } from '../operations/OperationsTable.tsx';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { HostInstances } from './HostInstances.tsx';
import { HostOverview } from './HostOverview.tsx';
import { HostSettings } from './HostSettings.tsx';
import { RePin } from './RePin.tsx';

const route = getRouteApi('/hosts/$id');

/** One host: what it has, how it is, and what can be done with it. */
export function HostPage() {
  const { id } = route.useParams();
  const query = useQuery(hostQuery(id));
  return <Read query={query}>{({ value, etag }) => <Loaded host={value} etag={etag} />}</Read>;
}

function Loaded({ host, etag }: Readonly<{ host: Host; etag: string | null }>) {
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate({ from: '/hosts/$id' });
  const { ask, asking } = useChange();
  const { permissions } = useSession();
  const denied = whyNotPermitted('hosts:write', permissions);
  const setMaintenance = (maintenance: boolean) =>
    void ask(t.hosts.setMaintenance(host.name), () =>
      client.call('updateHost', { params: { id: host.id }, body: { maintenance }, ifMatch: etag ?? '' }),
    );
  return (
    <>
      <PageHeader title={host.name} beside={<StatusBadge status={host.status} />}>
        <Tooltip label={denied ?? t.hosts.maintenanceHint} multiline maw={280}>
          <div>
            <Switch
              label={t.hosts.maintenance}
              checked={host.maintenance}
              disabled={denied !== null}
              onChange={(event) => setMaintenance(event.currentTarget.checked)}
            />
          </div>
        </Tooltip>
        <ActionButton
          label={t.hosts.sync}
          icon={<IconRefresh size={16} />}
          reason={denied}
          loading={asking}
          run={() =>
            void ask(`${t.hosts.sync} ${host.name}`, () =>
              client.call('syncHost', { params: { id: host.id }, body: {} }),
            )
          }
        />
      </PageHeader>
      {host.status === 'quarantined' && <RePin host={host} />}
      {host.status === 'unreachable' && (
        <Alert color="red" variant="outline" mb="md" title={t.hosts.unreachable}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {host.statusReason} {t.hosts.unreachableText}
          </Text>
        </Alert>
      )}
      {host.warnings.map((warning) => (
        <Alert
          key={warning.code}
          color={warning.severity === 'critical' ? 'red' : warning.severity === 'warning' ? 'orange' : 'blue'}
          variant="outline"
          mb="xs"
          py="xs"
        >
          <Group gap="xs">
            <Text size="sm">{warning.message}</Text>
            <Text size="sm" c="dimmed">
              {warning.hint}
            </Text>
          </Group>
        </Alert>
      ))}
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ search: { tab: value ?? 'overview' }, replace: true })}
        keepMounted={false}
        mt="md"
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">{t.hosts.tabs.overview}</Tabs.Tab>
          <Tabs.Tab value="instances">{`${t.hosts.tabs.instances} (${host.instances.total})`}</Tabs.Tab>
          <Tabs.Tab value="operations">{t.hosts.tabs.operations}</Tabs.Tab>
          <Tabs.Tab value="settings">{t.hosts.tabs.settings}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <HostOverview host={host} />
        </Tabs.Panel>
        <Tabs.Panel value="instances">
          <HostInstances host={host} />
        </Tabs.Panel>
        <Tabs.Panel value="operations">
          <OperationsTable filter={`host:${host.id}`} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <HostSettings key={host.revision} host={host} etag={etag} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
