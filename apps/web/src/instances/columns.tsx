import type { InstancePage } from '@longshore/contract';
import { Group, Loader, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Age } from '../parts/Age.tsx';
import { Labels } from '../parts/Labels.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { t } from '../texts/texts.ts';
import type { Column } from './column-memory.ts';
import type { InstanceRow } from './match-filter.ts';

type Shown = Readonly<{
  widthPx: number;
  cell: (row: InstanceRow, hosts: InstancePage['hosts']) => ReactNode;
}>;

/** Width and content of each column. Texts of hosts and guests go through React and are never markup. */
export const COLUMN_CELLS: Readonly<Record<Column, Shown>> = {
  name: {
    widthPx: 180,
    cell: (row) => (
      <LinkTo to="/instances/$id" params={{ id: row.id }} title={row.name}>
        {row.name}
      </LinkTo>
    ),
  },
  status: {
    widthPx: 140,
    cell: (row) => (
      <Group gap={6} wrap="nowrap">
        <StatusBadge status={row.status} />
        {row.operationId !== null && <Loader size={14} role="img" aria-label={t.instances.changing} />}
        {!row.claimed && (
          <Text size="xs" title={t.instances.unclaimedHint}>
            {t.instances.found}
          </Text>
        )}
      </Group>
    ),
  },
  host: {
    widthPx: 120,
    cell: (row) => (
      <LinkTo to="/hosts/$id" params={{ id: row.hostId }} c="inherit">
        {row.hostName}
      </LinkTo>
    ),
  },
  type: { widthPx: 100, cell: (row) => t.types[row.type] },
  addresses: {
    widthPx: 180,
    cell: (row) => <span title={row.addresses.join('\n')}>{row.addresses.join(', ')}</span>,
  },
  image: { widthPx: 180, cell: (row) => <span title={row.image ?? ''}>{row.image}</span> },
  limits: {
    widthPx: 130,
    cell: (row) =>
      [row.cpu === null ? '' : t.instances.cpus(row.cpu), row.memory ?? ''].filter(Boolean).join(', '),
  },
  labels: { widthPx: 160, cell: (row) => <Labels labels={row.labels} wrap={false} /> },
  project: { widthPx: 110, cell: (row) => row.projectName },
  lxdproject: { widthPx: 110, cell: (row) => row.lxdProject },
  snapshots: { widthPx: 100, cell: (row) => (row.snapshots === 0 ? '' : String(row.snapshots)) },
  created: { widthPx: 90, cell: (row) => <Age of={row.createdAt} /> },
  observed: {
    widthPx: 90,
    cell: (row, hosts) => {
      const host = hosts[row.hostId];
      // While the host is followed live, what is shown is how it is.
      if (host?.status === 'online') return <Text size="sm">{t.age.live}</Text>;
      return <Age of={row.observedAt} old />;
    },
  },
};
