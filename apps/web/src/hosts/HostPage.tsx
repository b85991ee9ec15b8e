import type { Host } from '@longshore/contract';
import { Alert, Group, Switch, Text, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { hostQuery } from '../live/fleet-queries.ts';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { registry } from '../registry/rooms.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { RePin } from './RePin.tsx';

const route = getRouteApi('/hosts/$id');

/** One host: what it has, how it is, and what can be done with it. */
export function HostPage() {
  const { id } = route.useParams();
  const query = useQuery(hostQuery(id));
  return <Read query={query}>{({ value, etag }) => <Loaded host={value} etag={etag} />}</Read>;
}

function Loaded({ host, etag }: Readonly<{ host: Host; etag: string | null }>) {
  const { tab } = route.useSearch();
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
      <ResourceTabs
        open={tab}
        change={(id) => void navigate({ search: { tab: id }, replace: true })}
        tabs={registry.hostTabs.map(({ id, label, Content }) => ({
          id,
          label: label(host),
          content: () => <Content host={host} etag={etag} />,
        }))}
      />
    </>
  );
}
