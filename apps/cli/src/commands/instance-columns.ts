import type { InstanceStatus } from '@longshore/contract';
import type { InstanceRow } from '../naming/find-instances.ts';
import { age, labelText, moment } from '../output/figures.ts';
import type { Column, Tone } from '../output/table.ts';

const TONE_OF: Readonly<Record<InstanceStatus, Tone | undefined>> = {
  running: 'good',
  stopped: 'faint',
  frozen: 'doubtful',
  error: 'bad',
  missing: 'bad',
  pending: 'doubtful',
  starting: 'doubtful',
  stopping: 'doubtful',
  unknown: 'doubtful',
};

/** How a state looks. */
export function instanceTone(status: InstanceStatus): Tone | undefined {
  return TONE_OF[status];
}

/** The state, with its age where the host cannot be asked: what stands there may have changed since. */
export function statusText(
  instance: Readonly<{ status: string; observedAt: string | null }>,
  host: Readonly<{ online: boolean; observedAt: string | null }>,
  now: Date,
): string {
  if (host.online) return instance.status;
  const seen = host.observedAt ?? instance.observedAt;
  return `${instance.status} (host unreachable${seen === null ? '' : `, seen ${age(seen, now)} ago`})`;
}

/** Columns of the list of instances. */
export function instanceColumns(now: Date): readonly Column<InstanceRow>[] {
  return [
    { name: 'name', value: (row) => row.name, shown: true },
    { name: 'host', value: (row) => row.hostName, shown: true },
    {
      name: 'status',
      value: (row) => statusText(row, { online: row.hostOnline, observedAt: row.hostObservedAt }, now),
      tone: (row) => (row.hostOnline ? instanceTone(row.status) : 'faint'),
      shown: true,
    },
    {
      name: 'type',
      value: (row) => (row.type === 'virtual-machine' ? 'vm' : row.type),
      shown: true,
    },
    { name: 'addresses', value: (row) => row.addresses.join(' '), shown: true, shrinks: true },
    { name: 'image', value: (row) => row.image ?? '', shown: true, shrinks: true },
    { name: 'id', value: (row) => row.id, shown: false },
    { name: 'project', value: (row) => row.projectName ?? '', shown: false },
    { name: 'lxdproject', value: (row) => row.lxdProject, shown: false },
    {
      name: 'expires',
      value: (row) => (row.expiresAt === null ? 'never' : moment(row.expiresAt)),
      shown: false,
    },
    { name: 'cpu', value: (row) => row.cpu ?? '', shown: false, right: true },
    { name: 'memory', value: (row) => row.memory ?? '', shown: false, right: true },
    { name: 'snapshots', value: (row) => String(row.snapshots), shown: false, right: true },
    { name: 'labels', value: (row) => labelText(row.labels), shown: false, shrinks: true },
    { name: 'claimed', value: (row) => (row.claimed ? 'yes' : 'no'), shown: false },
    { name: 'protected', value: (row) => (row.protected ? 'yes' : 'no'), shown: false },
    { name: 'created', value: (row) => moment(row.createdAt), shown: false },
    { name: 'observed', value: (row) => moment(row.observedAt), shown: false },
    { name: 'operation', value: (row) => row.operationId ?? '', shown: false },
  ];
}
