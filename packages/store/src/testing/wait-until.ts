import { setTimeout as delay } from 'node:timers/promises';

/** Limits are for hangs, not for measuring: a machine under load is slow, and that is no failure. */
const limitMs = 60_000;
const pauseMs = 20;

/**
 * Waits until `check` returns something other than false, null or undefined, and returns that.
 *
 * @param what for the message when it never comes
 */
export async function waitUntil<T>(
  what: string,
  check: () => Promise<T | false | null | undefined> | T | false | null | undefined,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await check();
    if (found !== false && found !== null && found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain until ${what}`);
    await delay(pauseMs);
  }
}
