import { isLxdError, type LxdClient } from '@longshore/lxd';
import { type ProcessorTimes, processorTimesIn, usedPercent } from './processor-time.ts';

/** Metrics of a hundred instances take a host some 100 ms. */
const CALL_TIMEOUT_MS = 10_000;

/** How busy a host was since it was asked last; null where it is not known. */
export type ProcessorMeter = Readonly<{ read(threads: number, signal: AbortSignal): Promise<number | null> }>;

/** Measures one host over one session. A host that does not give metrics is not asked again in it. */
export function createProcessorMeter(client: LxdClient): ProcessorMeter {
  let before: Readonly<{ times: ProcessorTimes; atMs: number }> | undefined;
  let refused = false;
  return {
    async read(threads, signal) {
      if (refused) return null;
      try {
        const times = processorTimesIn(await client.metrics({ signal, timeoutMs: CALL_TIMEOUT_MS }));
        const atMs = performance.now();
        const last = before;
        before = { times, atMs };
        return last === undefined ? null : usedPercent(last.times, times, (atMs - last.atMs) / 1000, threads);
      } catch (error) {
        if (!isLxdError(error)) throw error;
        before = undefined;
        refused = ['forbidden', 'not-found', 'bad-request'].includes(error.code);
        // Whether the host is there is for its session to find out, which asks it other things.
        return null;
      }
    },
  };
}
