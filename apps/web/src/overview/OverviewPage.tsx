import { type Host, HostStatus } from '@longshore/contract';
import { Alert, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import {
  COUNTED_STATUSES,
  hostsQuery,
  instanceCountQuery,
  operationsQuery,
  RUNNING,
} from '../live/fleet-queries.ts';
import { OperationLine } from '../operations/OperationLine.tsx';
import { Age } from '../parts/Age.tsx';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { statusColor } from '../parts/StatusBadge.tsx';
import { UseHistoryPlots } from '../plots/UseHistoryPlots.tsx';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { attentionOf } from './attention.ts';
import { Distribution, type Share } from './Distribution.tsx';
import { HostCapacity } from './HostCapacity.tsx';

/** So many hosts of one warning are named; the list of hosts has them all. */
const SHOWN_HOSTS = 12;

/** The fleet at a glance: is it well, is there room, what needs a person, what goes on. */
export function OverviewPage() {
  const { access, permissions } = useSession();
  if (permissions.includes('hosts:read')) return <Overview />;
  // A tenant sees no hosts: their first page is their projects, or the instances where it is a host or a label.
  const to = permittedSomewhere(access, 'projects:read') ? '/projects' : '/instances';
  return <Navigate to={to} replace />;
}

function Overview() {
  const hosts = useQuery(hostsQuery);
  return (
    <>
      <PageHeader title={t.overview.title} />
      <Read query={hosts}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title={t.hosts.none} text={t.hosts.noneText}>
              <ButtonLink to="/hosts/enrol">{t.hosts.enrol}</ButtonLink>
            </Empty>
          ) : (
            <Glance hosts={page.items} />
          )
        }
      </Read>
    </>
  );
}

function Glance({ hosts }: Readonly<{ hosts: readonly Host[] }>) {
  const counts = useQueries({
    queries: COUNTED_STATUSES.map((status) => instanceCountQuery(`status:${status}`)),
  });
  const hostShares = HostStatus.options
    .map(
      (status): Share => ({
        label: t.status[status],
        count: hosts.filter((host) => host.status === status).length,
        color: statusColor(status),
        filter: `status:${status}`,
      }),
    )
    .filter((share) => share.count > 0);
  const instanceShares = COUNTED_STATUSES.map(
    (status, index): Share => ({
      label: t.status[status],
      count: counts[index]?.data ?? 0,
      color: statusColor(status),
      filter: `status:${status}`,
    }),
  ).filter((share) => share.count > 0);
  const instances = hosts.reduce((sum, host) => sum + host.instances.total, 0);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <Distribution title={t.shell.hosts} total={hosts.length} shares={hostShares} to="/hosts" />
        <Distribution title={t.shell.instances} total={instances} shares={instanceShares} to="/instances" />
        <Running />
      </SimpleGrid>
      <UseHistoryPlots hostId={null} title={t.plots.fleet} />
      <HostCapacity hosts={hosts} />
      <NeedsAttention hosts={hosts} missing={counts[COUNTED_STATUSES.indexOf('missing')]?.data ?? 0} />
    </Stack>
  );
}

function Running() {
  const running = useQuery(operationsQuery(RUNNING, 50));
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.overview.running}
      </Title>
      <Read query={running}>
        {({ items }) => (
          <Stack gap={2}>
            {items.length === 0 && <Text size="sm">{t.operations.noneRunning}</Text>}
            {items.slice(0, 4).map((operation) => (
              <OperationLine key={operation.id} operation={operation} />
            ))}
            {items.length > 4 && (
              <LinkTo to="/operations" search={{ filter: RUNNING }}>
                {t.overview.more(items.length - 4)}
              </LinkTo>
            )}
          </Stack>
        )}
      </Read>
    </Card>
  );
}

function NeedsAttention({ hosts, missing }: Readonly<{ hosts: readonly Host[]; missing: number }>) {
  const failed = useQuery(operationsQuery('status:failed', 5));
  const unclaimed = useQuery(instanceCountQuery('claimed:false'));
  const attention = attentionOf(hosts, (host) => t.overview.hostIs(t.status[host.status]));
  const failures = (failed.data?.items ?? []).filter((operation) => operation.parentId === null);
  const isCalm = attention.length === 0 && missing === 0 && failures.length === 0;
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.overview.attention}
      </Title>
      <Stack gap="sm">
        {isCalm && <Text size="sm">{t.overview.calm}</Text>}
        {attention.map((each) => (
          <Alert
            key={`${each.message} ${each.hint}`}
            variant="outline"
            py="xs"
            color={each.severity === 'critical' ? 'red' : 'orange'}
          >
            <Text size="sm">{each.message}</Text>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {each.hint}
            </Text>
            <Group gap="xs" mt={4}>
              {each.hosts.slice(0, SHOWN_HOSTS).map((host) => (
                <LinkTo key={host.id} to="/hosts/$id" params={{ id: host.id }}>
                  {host.name}
                </LinkTo>
              ))}
              {each.hosts.length > SHOWN_HOSTS && (
                <Text size="sm">{t.overview.more(each.hosts.length - SHOWN_HOSTS)}</Text>
              )}
            </Group>
          </Alert>
        ))}
        {missing > 0 && (
          <LinkTo to="/instances" search={{ filter: 'status:missing' }}>
            {t.overview.missing(missing)}
          </LinkTo>
        )}
        {(unclaimed.data ?? 0) > 0 && (
          <LinkTo to="/instances" search={{ filter: 'claimed:false' }}>
            {t.overview.unclaimed(unclaimed.data ?? 0)}
          </LinkTo>
        )}
        {failures.map((operation) => (
          <Group key={operation.id} gap="xs" align="baseline">
            <Age of={operation.endedAt} />
            <OperationLine operation={operation} />
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
