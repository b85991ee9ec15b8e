import type { MetricSource } from '@longshore/api';
import type { Fleet } from '@longshore/fleet';

/** The figures of this process's sessions with hosts, for `/metrics`. */
export function syncMetricSources(fleet: Fleet): readonly MetricSource[] {
  const one = (name: string, help: string, read: () => number): MetricSource => ({
    name,
    help,
    collect: async () => [{ value: read() }],
  });
  const metrics = () => fleet.syncMetrics();
  return [
    {
      name: 'longshore_host_sessions',
      help: 'Sessions of this process with hosts, by state.',
      labels: ['state'],
      collect: async () =>
        Object.entries(metrics().sessions).map(([state, value]) => ({ labels: { state }, value })),
    },
    one('longshore_host_events_total', 'Events received from hosts.', () => metrics().events),
    one('longshore_host_instance_reads_total', 'Reads of a single instance.', () => metrics().instanceReads),
    one('longshore_host_full_reads_total', 'Reads of a whole host.', () => metrics().fullReads),
    one('longshore_host_session_failures_total', 'Sessions that broke.', () => metrics().failures),
    one(
      'longshore_host_lag_seconds_sum',
      'From an event to its change being written.',
      () => metrics().lag.sumMs / 1000,
    ),
    one('longshore_host_lag_count', 'Changes written because of an event.', () => metrics().lag.count),
  ];
}
