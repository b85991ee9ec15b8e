import type { InstancePage } from '@longshore/contract';
import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { Age } from '../parts/Age.tsx';
import { Labels } from '../parts/Labels.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { t } from '../texts/texts.ts';
import type { Column } from './column-memory.ts';
import classes from './InstanceTable.module.css';
import type { InstanceRow } from './match-filter.ts';

type Shown = Readonly<{
  widthPx: number;
  cell: (row: InstanceRow, hosts: InstancePage['hosts']) => ReactNode;
}>;

/**
 * Width and content of each column, in plain elements: thirty rows are made anew with each turn of the wheel, and components
 * would take longer than a frame. Links are plain too; the table follows them without a reload. Texts of hosts and guests go through React and are never markup.
 */
export const COLUMN_CELLS: Readonly<Record<Column, Shown>> = {
  name: {
    widthPx: 180,
    cell: (row) => (
      <a className={classes.link} href={`/ui/instances/${row.id}`} title={row.name}>
        {row.name}
      </a>
    ),
  },
  status: {
    widthPx: 140,
    cell: (row) => (
      <span className={classes.status}>
        <StatusBadge status={row.status} />
        {row.operationId !== null && <Loader size={14} role="img" aria-label={t.instances.changing} />}
        {!row.claimed && <small title={t.instances.unclaimedHint}>{t.instances.found}</small>}
      </span>
    ),
  },
  host: {
    widthPx: 120,
    cell: (row) => (
      <a className={classes.quietLink} href={`/ui/hosts/${row.hostId}`}>
        {row.hostName}
      </a>
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
  labels: {
    widthPx: 160,
    cell: (row) => Object.keys(row.labels).length > 0 && <Labels labels={row.labels} wrap={false} />,
  },
  project: { widthPx: 110, cell: (row) => row.projectName },
  lxdproject: { widthPx: 110, cell: (row) => row.lxdProject },
  snapshots: { widthPx: 100, cell: (row) => (row.snapshots === 0 ? '' : String(row.snapshots)) },
  created: { widthPx: 90, cell: (row) => <Age of={row.createdAt} /> },
  observed: {
    widthPx: 90,
    cell: (row, hosts) => {
      const host = hosts[row.hostId];
      // While the host is followed live, what is shown is how it is.
      if (host?.status === 'online') return t.age.live;
      return <Age of={row.observedAt} old />;
    },
  },
};
