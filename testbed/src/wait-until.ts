import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from './testbed-error.ts';

/**
 * Polls until `condition` holds.
 * Throws `timed-out` naming `what`, the signal's reason, or whatever the condition throws.
 */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  options: {
    readonly timeoutMs: number;
    readonly everyMs?: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new TestbedError('timed-out', `${what}: not so after ${options.timeoutMs / 1000} s`);
    }
    await delay(options.everyMs ?? 20, undefined, { signal: options.signal });
  }
}
