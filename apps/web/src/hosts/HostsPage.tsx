import type { Host } from '@longshore/contract';
import { Group, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { changeSearch } from '../app/search.ts';
import { hostListQuery } from '../live/fleet-queries.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { filterErrorOf } from '../parts/filter-error.ts';
import { Labels } from '../parts/Labels.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { SortHeader } from '../parts/SortHeader.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { sizeText } from '../parts/size-text.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

const route = getRouteApi('/hosts');
const OFFERS = [
  { label: t.status.online, term: 'status:online' },
  { label: t.status.unreachable, term: 'status:unreachable' },
  { label: t.status.quarantined, term: 'status:quarantined' },
  { label: t.hosts.maintenance, term: 'maintenance:true' },
];

/** All hosts of the fleet. */
export function HostsPage() {
  const { filter = '', sort = 'name' } = route.useSearch();
  const navigate = useNavigate({ from: '/hosts' });
  const { permissions } = useSession();
  const query = useQuery({ ...hostListQuery(filter, sort), placeholderData: keepPreviousData });
  const error = filterErrorOf(query.error);
  const setSort = (next: string) => void navigate({ search: changeSearch('sort', next), replace: true });
  return (
    <>
      <PageHeader title={t.shell.hosts}>
        <ActionButton
          label={t.hosts.enrol}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={whyNotPermitted('hosts:write', permissions)}
          run={() => void navigate({ to: '/hosts/enrol' })}
        />
      </PageHeader>
      <FilterBar
        filter={filter}
        error={error}
        placeholder={t.hosts.filter}
        offers={OFFERS}
        change={(next) => void navigate({ search: changeSearch('filter', next), replace: true })}
      />
      {error === null && (
        <Read query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <HostTable hosts={items} sort={sort} setSort={setSort} />
            ) : filter === '' ? (
              <Empty title={t.hosts.none} text={t.hosts.noneText}>
                <ButtonLink to="/hosts/enrol">{t.hosts.enrol}</ButtonLink>
              </Empty>
            ) : (
              <Empty title={t.filter.nothing} text={t.filter.nothingText(filter)} />
            )
          }
        </Read>
      )}
    </>
  );
}

function HostTable({
  hosts,
  sort,
  setSort,
}: Readonly<{ hosts: readonly Host[]; sort: string; setSort: (sort: string) => void }>) {
  return (
    <Table.ScrollContainer minWidth={820}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <SortHeader field="name" label={t.hosts.name} sort={sort} change={setSort} />
            <SortHeader field="status" label={t.hosts.status} sort={sort} change={setSort} />
            <Table.Th>{t.hosts.version}</Table.Th>
            <Table.Th>{t.hosts.instances}</Table.Th>
            <Table.Th>{t.overview.memory}</Table.Th>
            <Table.Th>{t.labels.title}</Table.Th>
            <Table.Th>{t.hosts.seen}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hosts.map((host) => (
            <Table.Tr key={host.id}>
              <Table.Td>
                <LinkTo to="/hosts/$id" params={{ id: host.id }}>
                  {host.name}
                </LinkTo>
              </Table.Td>
              <Table.Td>
                <Group gap={6} wrap="nowrap">
                  <StatusBadge status={host.status} />
                  {host.maintenance && <Text size="xs">{t.hosts.maintenance}</Text>}
                </Group>
              </Table.Td>
              <Table.Td>{`${t.hosts.kinds[host.kind]} ${host.version}`}</Table.Td>
              <Table.Td>{`${host.instances.running} / ${host.instances.total}`}</Table.Td>
              <Table.Td>
                {host.resources === null
                  ? ''
                  : `${sizeText(host.resources.memoryUsedBytes)} / ${sizeText(host.resources.memoryTotalBytes)}`}
              </Table.Td>
              <Table.Td>
                <Labels labels={host.labels} />
              </Table.Td>
              <Table.Td>
                <Age of={host.observedAt} old={host.status === 'unreachable'} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
