import type { FleetEvent } from '@longshore/contract';
import { addToBatch, EMPTY_BATCH, type EventBatch } from './event-batch.ts';

/** Two refreshes a second: often enough to look immediate, seldom enough for a fleet that changes 50 times a second. */
export const REFRESH_INTERVAL_MS = 500;

/** How the time passes; given, so that tests need not wait. */
export type Clock = Readonly<{ now(): number; after(ms: number, run: () => void): void }>;

/**
 * Gathers events into refreshes. The first event after a quiet time is passed on at once; those of a burst together, at
 * most one batch in each interval, and none while the last batch is still being worked on.
 */
export function coalesceEvents(
  flush: (batch: EventBatch) => Promise<void>,
  clock: Clock,
  intervalMs = REFRESH_INTERVAL_MS,
): (event: FleetEvent) => void {
  let batch = EMPTY_BATCH;
  let notBefore = 0;
  let state: 'idle' | 'waiting' | 'flushing' = 'idle';

  function plan(): void {
    if (state !== 'idle' || batch === EMPTY_BATCH) return;
    state = 'waiting';
    clock.after(Math.max(0, notBefore - clock.now()), () => void run());
  }

  async function run(): Promise<void> {
    state = 'flushing';
    const taken = batch;
    batch = EMPTY_BATCH;
    notBefore = clock.now() + intervalMs;
    try {
      await flush(taken);
    } finally {
      state = 'idle';
      plan();
    }
  }

  return (event) => {
    batch = addToBatch(batch, event);
    plan();
  };
}
