import { countHosts, countUnfinishedOperations } from '@longshore/fleet';
import { countJobs } from '@longshore/store';
import type { ApiOptions } from './api-options.ts';
import type { MetricSource } from './metrics.ts';
import type { OpenStreams } from './open-streams.ts';

/** The figures that every Longshore shows. */
export function standardMetrics(options: ApiOptions, streams: OpenStreams): readonly MetricSource[] {
  const { context, events } = options;
  const { store } = context;
  return [
    {
      name: 'longshore_database_connections',
      help: 'Connections of the pool.',
      labels: ['state'],
      collect: async () => [
        { labels: { state: 'idle' }, value: store.pool.idleCount },
        { labels: { state: 'busy' }, value: store.pool.totalCount - store.pool.idleCount },
        { labels: { state: 'waited_for' }, value: store.pool.waitingCount },
      ],
    },
    {
      name: 'longshore_jobs',
      help: 'Jobs in the queue.',
      labels: ['job', 'state'],
      collect: async () =>
        (await countJobs(store.db)).flatMap(({ name, waiting, later, running, failed }) =>
          Object.entries({ waiting, later, running, failed }).map(([state, value]) => ({
            labels: { job: name, state },
            value,
          })),
        ),
    },
    {
      name: 'longshore_hosts',
      help: 'Hosts of the fleet by the state of their session.',
      labels: ['status'],
      collect: async () => labelled('status', await countHosts(context)),
    },
    {
      name: 'longshore_operations_unfinished',
      help: 'Operations that have not ended.',
      labels: ['status'],
      collect: async () => labelled('status', await countUnfinishedOperations(context)),
    },
    {
      name: 'longshore_event_streams',
      help: 'Open event streams of this process.',
      collect: async () => [{ value: streams.count() }],
    },
    {
      name: 'longshore_events_buffered',
      help: 'Events that this process holds in memory.',
      collect: async () => [{ value: events.stats().buffered }],
    },
    {
      name: 'longshore_events_lag_seconds',
      help: 'Age of the oldest committed event that this process has not handed on yet.',
      collect: async () => [{ value: await events.lagSeconds() }],
    },
  ];
}

function labelled(label: string, counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([value, count]) => ({ labels: { [label]: value }, value: count }));
}
