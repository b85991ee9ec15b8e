import { plural } from './plural.ts';

export const overview = {
  title: 'Overview',
  capacity: 'Use of the hosts',
  memory: 'Memory',
  disk: 'Disk',
  unknownSize: 'not known',
  hostLine: (running: number, total: number, threads: number) =>
    `${running} of ${total} running, ${plural(threads, 'CPU')}`,
  showAllHosts: (count: number) => `Show all ${count} hosts`,
  running: 'Going on now',
  more: (count: number) => `${count} more`,
  attention: 'Needs attention',
  calm: 'Nothing: all hosts answer and nothing has failed.',
  hostIs: (state: string) => `Host ${state}`,
  missing: (count: number) =>
    `${plural(count, 'instance')} missing from ${count === 1 ? 'its host' : 'their hosts'}`,
  unclaimed: (count: number) => `${plural(count, 'instance')} found on hosts and not claimed`,
};
