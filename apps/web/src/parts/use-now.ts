import { useSyncExternalStore } from 'react';

const TICK_MS = 5000;
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, in milliseconds since 1970; moves every 5 s, for all ages on the page together. */
export function useNow(): number {
  // A page that was away does not start with the time of then.
  if (timer === undefined) nowMs = Date.now();
  return useSyncExternalStore(subscribe, () => nowMs);
}
