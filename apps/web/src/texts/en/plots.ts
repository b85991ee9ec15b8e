import { plural } from './plural.ts';

export const plots = {
  use: 'Use now',
  history: 'Use over time',
  fleet: 'Use of the fleet',
  cpu: 'CPU',
  memory: 'Memory',
  disk: 'Disk',
  network: 'Network',
  used: 'used',
  received: 'in',
  sent: 'out',
  unknown: 'not known',
  perSecond: (size: string) => `${size}/s`,
  memoryShare: (percent: number) => `${Math.round(percent)} % of its memory is used.`,
  processes: (count: number) => plural(count, 'process', 'processes'),
  waiting: 'The host is being asked …',
  notUp: 'It does not run, so it uses nothing but its disk.',
  hostSilent: (host: string) => `${host} does not answer, so nothing is known of its present use.`,
  none: 'Nothing was measured in this time yet. Each minute adds a point.',
  range: 'How far back',
  ranges: { hour: 'Hour', day: 'Day', month: '30 days' },
};
