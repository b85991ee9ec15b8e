import { pruneErrands } from './errands/instance-logs.ts';
import { sweepExpired } from './expiry/sweep-expired.ts';
import { sweepFiles } from './exports/sweep-files.ts';
import type { FleetContext } from './fleet-context.ts';
import { sweepGuestKeys } from './guest-keys/guest-keys-job.ts';
import { sweepLeftovers } from './moves/leftovers.ts';
import { pruneDepartures } from './sync/prune-departures.ts';

import { sampleHosts } from './use/host-use.ts';

/** Clearing up that no operation waits for. */
type Sweep = Readonly<{ what: string; everyMs: number; run(context: FleetContext): Promise<void> }>;

const SWEEPS: readonly Sweep[] = [
  // Soon after a host is back; without leftovers it is one query of an empty table.
  { what: 'leftovers of moves', everyMs: 30_000, run: sweepLeftovers },
  { what: 'departures of instances', everyMs: 60 * 60_000, run: ({ store }) => pruneDepartures(store) },
  { what: 'instances whose time is over', everyMs: 60_000, run: sweepExpired },
  { what: 'use of hosts', everyMs: 60_000, run: sampleHosts },
  { what: 'questions that nobody waits for', everyMs: 60_000, run: pruneErrands },
  { what: 'keys of guests', everyMs: 10 * 60_000, run: sweepGuestKeys },
  { what: 'files of exports and uploads', everyMs: 10 * 60_000, run: sweepFiles },
];

/** Runs the sweeps now and then until `stop`, which waits for the one under way. */
export function startSweeps(context: FleetContext): { stop(): Promise<void> } {
  const stops = SWEEPS.map((sweep) => repeat(context, sweep));
  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function repeat(context: FleetContext, { what, everyMs, run }: Sweep): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const again = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = once();
    }, everyMs);
    timer.unref();
  };
  const once = async (): Promise<void> => {
    try {
      await run(context);
    } catch (error) {
      // The next time may do better: nobody waits for it.
      context.log.warn({ err: error, what }, 'a sweep failed');
    }
    again();
  };
  again();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
