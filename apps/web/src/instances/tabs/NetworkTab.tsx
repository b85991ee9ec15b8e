import { Table } from '@mantine/core';
import { Empty } from '../../parts/QueryStates.tsx';
import type { InstanceTabProps } from '../../registry/room.ts';
import { t } from '../../texts/texts.ts';

/** The addresses that the guest has, as its host reports them. */
export function NetworkTab({ instance }: InstanceTabProps) {
  if (instance.addresses.length === 0) return <Empty title={t.network.none} text={t.network.noneText} />;
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.network.device}</Table.Th>
            <Table.Th>{t.network.address}</Table.Th>
            <Table.Th>{t.network.family}</Table.Th>
            <Table.Th>{t.network.scope}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {instance.addresses.map(({ device, address, family, scope }) => (
            <Table.Tr key={`${device} ${address}`}>
              <Table.Td>{device}</Table.Td>
              <Table.Td>{address}</Table.Td>
              <Table.Td>{t.network.families[family]}</Table.Td>
              <Table.Td>{t.network.scopes[scope]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
