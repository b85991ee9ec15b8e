import type { Host, HostStatus } from '@longshore/contract';
import { age, bytes, labelText, moment } from '../output/figures.ts';
import type { Column, Tone } from '../output/table.ts';

const TONE_OF: Readonly<Record<HostStatus, Tone>> = {
  online: 'good',
  connecting: 'doubtful',
  unreachable: 'bad',
  quarantined: 'bad',
};

/** How a host's state looks. */
export function hostTone(status: HostStatus): Tone {
  return TONE_OF[status];
}

/** The state of a host; how old our picture of it is where it does not answer; maintenance. */
export function hostStatusText(host: Host, now: Date): string {
  const seen =
    host.status === 'online' || host.observedAt === null ? '' : ` (seen ${age(host.observedAt, now)} ago)`;
  return `${host.status}${seen}${host.maintenance ? ', maintenance' : ''}`;
}

/** Memory in use and in all. */
export function memoryText(host: Host): string {
  if (host.resources === null) return '';
  return `${bytes(host.resources.memoryUsedBytes)} of ${bytes(host.resources.memoryTotalBytes)}`;
}

/** Columns of the list of hosts. */
export function hostColumns(now: Date): readonly Column<Host>[] {
  return [
    { name: 'name', value: (row) => row.name, shown: true },
    { name: 'kind', value: (row) => row.kind, shown: true },
    { name: 'version', value: (row) => row.version, shown: true },
    {
      name: 'status',
      value: (row) => hostStatusText(row, now),
      tone: (row) => (row.maintenance ? 'doubtful' : hostTone(row.status)),
      shown: true,
    },
    {
      name: 'running',
      value: (row) => `${row.instances.running} of ${row.instances.total}`,
      shown: true,
    },
    {
      name: 'cpus',
      value: (row) => String(row.resources?.cpuThreads ?? ''),
      right: true,
      shown: true,
    },
    { name: 'memory', value: memoryText, shown: true },
    {
      name: 'warnings',
      value: (row) => (row.warnings.length === 0 ? '' : String(row.warnings.length)),
      tone: (row) => (row.warnings.some((each) => each.severity !== 'info') ? 'doubtful' : undefined),
      right: true,
      shown: true,
    },
    { name: 'labels', value: (row) => labelText(row.labels), shown: true, shrinks: true },
    { name: 'url', value: (row) => row.url, shown: false },
    { name: 'id', value: (row) => row.id, shown: false },
    { name: 'fingerprint', value: (row) => row.fingerprint ?? '', shown: false },
    { name: 'architectures', value: (row) => row.architectures.join(' '), shown: false },
    { name: 'observed', value: (row) => moment(row.observedAt), shown: false },
    { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  ];
}
