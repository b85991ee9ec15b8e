import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition holds, asking again and again; a condition that throws does not hold yet.
 * @throws Error naming the condition, with the last error, when it does not hold within the limit.
 */
export async function untilTrue(
  what: string,
  holds: () => Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      last = undefined;
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(`did not happen within ${limitMs / 1000} s: ${what}`, { cause: last });
}
