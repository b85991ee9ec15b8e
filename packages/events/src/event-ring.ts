import type { PlacedEvent } from './outbox.ts';
import { comparePositions, type Position } from './position.ts';

/** The newest events, in memory, shared by all that follow the stream. */
export type EventRing = Readonly<{
  /** Everything up to here is known; the next event stands after it. */
  end(): Position;
  append(events: readonly PlacedEvent[], end: Position): void;
  /** Events after a position, at most `limit`; null when the ring does not reach back that far. */
  after(position: Position, limit: number): readonly PlacedEvent[] | null;
  /** Forgets all and goes on from a position. */
  restart(at: Position): void;
  size(): number;
}>;

/** A ring of at most `capacity` events (some 600 bytes each). */
export function createEventRing(start: Position, capacity: number): EventRing {
  let events: PlacedEvent[] = [];
  /** The ring holds everything that stands after this. */
  let base = start;
  let end = start;
  return {
    end: () => end,
    size: () => events.length,
    append(more, newEnd) {
      for (const each of more) events.push(each);
      end = newEnd;
      // Cut in strides, so that a single event does not move the whole array.
      if (events.length > capacity * 1.25) {
        const removed = events.splice(0, events.length - capacity);
        base = removed.at(-1)?.position ?? base;
      }
    },
    after(position, limit) {
      if (comparePositions(position, base) < 0) return null;
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const at = events[middle];
        if (at !== undefined && comparePositions(at.position, position) <= 0) low = middle + 1;
        else high = middle;
      }
      return events.slice(low, low + limit);
    },
    restart(at) {
      events = [];
      base = at;
      end = at;
    },
  };
}
