import type { MetricSource } from '@longshore/api';
import type { ConsoleFigures } from '@longshore/consoles';

/** Before there are any. */
const NONE: ConsoleFigures = {
  sessions: { shell: 0, console: 0 },
  detached: 0,
  viewers: 0,
  opened: 0,
  resumed: 0,
  ended: new Map(),
  refused: new Map(),
};

/** The figures of this process's consoles, for `/metrics`. */
export function consoleMetricSources(read: () => ConsoleFigures | null): readonly MetricSource[] {
  const figures = () => read() ?? NONE;
  return [
    {
      name: 'longshore_console_sessions',
      help: 'Open console sessions of this process.',
      labels: ['type'],
      collect: async () =>
        Object.entries(figures().sessions).map(([type, value]) => ({ labels: { type }, value })),
    },
    {
      name: 'longshore_console_sessions_detached',
      help: 'Console sessions whose client is away and may come back.',
      collect: async () => [{ value: figures().detached }],
    },
    {
      name: 'longshore_console_viewers',
      help: 'Those who look along.',
      collect: async () => [{ value: figures().viewers }],
    },
    {
      name: 'longshore_console_opened_total',
      help: 'Console sessions that were opened.',
      kind: 'counter',
      collect: async () => [{ value: figures().opened }],
    },
    {
      name: 'longshore_console_resumed_total',
      help: 'Console sessions that went on over a new connection.',
      kind: 'counter',
      collect: async () => [{ value: figures().resumed }],
    },
    {
      name: 'longshore_console_ended_total',
      help: 'Console sessions that ended, by reason.',
      labels: ['reason'],
      kind: 'counter',
      collect: async () => labelled(figures().ended),
    },
    {
      name: 'longshore_console_refused_total',
      help: 'Connections that got no console, by reason.',
      labels: ['reason'],
      kind: 'counter',
      collect: async () => labelled(figures().refused),
    },
  ];
}

function labelled(counts: ReadonlyMap<string, number>) {
  return [...counts].map(([reason, value]) => ({ labels: { reason }, value }));
}
