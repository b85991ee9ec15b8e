import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { instancesQuery } from '../live/fleet-queries.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import type { HostTabProps } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

/** A host may run a thousand; the table of instances is the place to scroll through them. */
const SHOWN = 100;

/** The instances of one host in short. */
export function HostInstances({ host }: HostTabProps) {
  const filter = `host:${host.name}`;
  const query = useQuery(instancesQuery(filter));
  return (
    <Read query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t.instances.none} text={t.hosts.noInstances} />
        ) : (
          <>
            <LinkTo to="/instances" search={{ filter }}>
              {t.hosts.inTable(items.length)}
            </LinkTo>
            <Table.ScrollContainer minWidth={480}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t.instances.columns.name}</Table.Th>
                    <Table.Th>{t.instances.columns.status}</Table.Th>
                    <Table.Th>{t.instances.columns.addresses}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.slice(0, SHOWN).map((instance) => (
                    <Table.Tr key={instance.id}>
                      <Table.Td>
                        <LinkTo to="/instances/$id" params={{ id: instance.id }}>
                          {instance.name}
                        </LinkTo>
                      </Table.Td>
                      <Table.Td>
                        <StatusBadge status={instance.status} />
                      </Table.Td>
                      <Table.Td>{instance.addresses.join(', ')}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </>
        )
      }
    </Read>
  );
}
