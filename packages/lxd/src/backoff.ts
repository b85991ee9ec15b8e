/** First and longest wait between attempts, in milliseconds. */
export type Backoff = { readonly first: number; readonly longest: number };

/** How long a connection must have held for the next attempt to be made as soon as the first. */
export const STABLE_MS = 10_000;

/**
 * The wait before the next attempt, in milliseconds before jitter: doubled each time up to the longest, and the first again
 * only after a connection that held. A host that accepts and drops at once must not be asked ever faster.
 * `previousMs` is undefined before the first wait; `heldMs` is 0 where no connection came about.
 */
export function nextWaitMs(
  previousMs: number | undefined,
  heldMs: number,
  { first, longest }: Backoff,
): number {
  return previousMs === undefined || heldMs > STABLE_MS ? first : Math.min(previousMs * 2, longest);
}
