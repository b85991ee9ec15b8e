import type { SessionState } from './session-state.ts';

/** Counters of this process's sessions, for `/metrics`. Counters only grow; times in milliseconds. */
export type SyncMetrics = {
  /** Sessions now, by state. */
  readonly sessions: Readonly<Record<SessionState, number>>;
  /** Events received from hosts. */
  readonly events: number;
  /** Reads of a single instance, and of all instances of a host. */
  readonly instanceReads: number;
  readonly fullReads: number;
  /** Sessions that broke, whatever the reason. */
  readonly failures: number;
  /** From the arrival of an event until what it changed was written. */
  readonly lag: { readonly count: number; readonly sumMs: number; readonly maxMs: number };
};

/** The same, as sessions write to it. */
export type SyncCounters = {
  count(what: 'events' | 'instanceReads' | 'fullReads' | 'failures'): void;
  lagged(ms: number): void;
  moved(from: SessionState | undefined, to: SessionState): void;
  read(): SyncMetrics;
};

/** Makes counters that stand at zero. */
export function createSyncCounters(): SyncCounters {
  const counts = { events: 0, instanceReads: 0, fullReads: 0, failures: 0 };
  const lag = { count: 0, sumMs: 0, maxMs: 0 };
  const sessions: Record<SessionState, number> = {
    connecting: 0,
    opening: 0,
    reading: 0,
    live: 0,
    waiting: 0,
    quarantined: 0,
    ended: 0,
  };
  return {
    count(what) {
      counts[what] += 1;
    },
    lagged(ms) {
      lag.count += 1;
      lag.sumMs += ms;
      lag.maxMs = Math.max(lag.maxMs, ms);
    },
    moved(from, to) {
      if (from !== undefined) sessions[from] -= 1;
      if (to !== 'ended') sessions[to] += 1;
    },
    read: () => ({ ...counts, lag: { ...lag }, sessions: { ...sessions } }),
  };
}
