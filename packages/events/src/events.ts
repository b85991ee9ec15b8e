import type { FleetEvent } from '@longshore/contract';
import type { Listening, Log, Store } from '@longshore/store';
import { createEventRing, type EventRing } from './event-ring.ts';
import {
  type EventChoice,
  eventsWait,
  forgetForeignEvents,
  isOfThisDatabase,
  lagSeconds,
  type PlacedEvent,
  presentEnd,
  prunedUpTo,
  readOutbox,
} from './outbox.ts';
import { comparePositions, formatPosition, type Position, parsePosition } from './position.ts';
import { DEFAULT_RETENTION, pruneOutbox, type Retention } from './prune-outbox.ts';

/** What {@link createEvents} can be told. */
export type EventsOptions = Readonly<{
  log: Log;
  /** Events in memory; what is older is read from the table. Default 10,000 (some 6 MB when full). */
  capacity?: number;
  retention?: Retention;
  /** How often to look without having been told, in milliseconds: a safety net. Default 5 s. */
  pollMs?: number;
  clock?: () => Date;
}>;

/** Which events, and after which one. */
export type SubscribeOptions = EventChoice & Readonly<{ after?: string; signal?: AbortSignal }>;

/** One reader of the stream. */
export type Subscription = AsyncIterable<FleetEvent> &
  Readonly<{
    /** Where it begins: what happens from now on stands after this. */
    position: string;
  }>;

/** The stream of changes on one database, read once per process. */
export type Events = Readonly<{
  /** Begins to read; resolves when the position is known. */
  start(): Promise<void>;
  /**
   * Follows changes in the order of their commits, each once, until the signal is aborted or the stream is closed.
   * A reader holds a position and no queue: a slow one falls back to the table, and beyond that gets one
   * `stream.reset` and goes on with the present.
   */
  subscribe(options?: SubscribeOptions): Subscription;
  /** Age in seconds of the oldest committed event that is not handed on yet; 0 when there is none. */
  lagSeconds(): Promise<number>;
  stats(): Readonly<{ subscribers: number; buffered: number; lastReadAt: Date | null; waiting: boolean }>;
  close(): Promise<void>;
}>;

const DEFAULT_CAPACITY = 10_000;
const DEFAULT_POLL_MS = 5000;
const PAGE = 1000;
/** While events wait behind a running transaction: such transactions mostly last a few milliseconds. */
const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 200;
const PRUNE_EVERY_MS = 60_000;
const BREAK_AFTER_ERROR_MS = 500;

/** The events of a database. Nothing is read before `start`. */
export function createEvents(store: Store, options: EventsOptions): Events {
  const { log } = options;
  const clock = options.clock ?? (() => new Date());
  const stopping = new AbortController();
  const ring = createEventRing({ txid: 0n, seq: 0n }, options.capacity ?? DEFAULT_CAPACITY);
  let moved = Promise.withResolvers<void>();
  let poked = Promise.withResolvers<void>();
  let subscribers = 0;
  let lastReadAt: Date | null = null;
  let waiting = false;
  let listening: Listening | undefined;
  let work: Promise<unknown> | undefined;

  const wakeReaders = () => {
    moved.resolve();
    moved = Promise.withResolvers();
  };

  /** Reads all there is; true when more waits behind a running transaction. */
  const catchUp = async (): Promise<boolean> => {
    for (;;) {
      const page = await readOutbox(store, ring.end(), PAGE);
      if (page.end !== ring.end()) {
        // A process that slept for long comes back to a table that was pruned beyond what it had seen.
        if (page.pruned !== null && comparePositions(ring.end(), page.pruned) < 0) ring.restart(page.pruned);
        ring.append(page.events, page.end);
        wakeReaders();
      }
      if (!page.full) break;
    }
    lastReadAt = clock();
    waiting = await eventsWait(store);
    return waiting;
  };

  const follow = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS;
    while (!stopping.signal.aborted) {
      const next = poked.promise;
      try {
        const more = await catchUp();
        waitMs = more ? Math.min(waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
        await pause(more ? waitMs : (options.pollMs ?? DEFAULT_POLL_MS), next, stopping.signal);
        // Unless it was used: whatever still waits on it is dropped with it.
        if (poked.promise === next) poked = Promise.withResolvers();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ error }, 'the outbox cannot be read now; trying again');
        await pause(BREAK_AFTER_ERROR_MS, null, stopping.signal);
      }
    }
  };

  const poke = () => {
    poked.resolve();
    poked = Promise.withResolvers();
  };

  const prune = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(PRUNE_EVERY_MS, null, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        const removed = await pruneOutbox(store, options.retention ?? DEFAULT_RETENTION);
        if (removed > 0) log.debug({ removed }, 'pruned the outbox');
      } catch (error) {
        log.warn({ error }, 'the outbox cannot be pruned now; trying again');
      }
    }
  };

  async function* read(from: Position, choice: SubscribeOptions): AsyncGenerator<FleetEvent> {
    const stopped = () => stopping.signal.aborted || choice.signal?.aborted === true;
    let position = from;
    subscribers += 1;
    try {
      if (choice.after !== undefined && !(await canResume(store, choice.after))) {
        position = ring.end();
        yield resetAt(position, clock());
      }
      while (!stopped()) {
        const next = moved.promise;
        const batch = await nextBatch(store, ring, position, choice);
        if (batch === null) {
          position = ring.end();
          yield resetAt(position, clock());
          continue;
        }
        for (const { position: at, event } of batch.events) {
          if (stopped()) return;
          position = at;
          if (isWanted(event, choice)) yield event;
        }
        position = batch.end;
        if (comparePositions(position, ring.end()) >= 0)
          await pause(null, next, stopping.signal, choice.signal);
      }
    } finally {
      subscribers -= 1;
    }
  }

  return {
    async start() {
      listening = await store.listen('outbox', { onNotify: poke, onReconnect: poke });
      await forgetForeignEvents(store);
      ring.restart(await presentEnd(store));
      work = Promise.all([follow(), prune()]);
    },
    subscribe(choice = {}) {
      const position = ring.end();
      const from = choice.after === undefined ? position : (parsePosition(choice.after) ?? position);
      return { position: formatPosition(position), [Symbol.asyncIterator]: () => read(from, choice) };
    },
    lagSeconds: () => lagSeconds(store, ring.end()),
    stats: () => ({ subscribers, buffered: ring.size(), lastReadAt, waiting }),
    async close() {
      stopping.abort();
      listening?.stop();
      wakeReaders();
      await work;
    },
  };
}

async function canResume(store: Store, after: string): Promise<boolean> {
  const position = parsePosition(after);
  return position !== null && (await isOfThisDatabase(store, position));
}

type Batch = Readonly<{ events: readonly PlacedEvent[]; end: Position }>;

/** What stands after a position: from the ring, else from the table, else null because it was pruned. */
async function nextBatch(
  store: Store,
  ring: EventRing,
  position: Position,
  choice: EventChoice,
): Promise<Batch | null> {
  const end = ring.end();
  const inMemory = ring.after(position, PAGE);
  if (inMemory !== null) {
    const last = inMemory.length === PAGE ? inMemory.at(-1)?.position : undefined;
    return { events: inMemory, end: last ?? (comparePositions(position, end) > 0 ? position : end) };
  }
  const page = await readOutbox(store, position, PAGE, choice);
  // Asked after the read: what was pruned before it shows here.
  if (comparePositions(position, await prunedUpTo(store.db)) < 0) return null;
  // Rows that are not wanted were skipped by the database, so a page that is not full ends where the ring began.
  return { events: page.events, end: page.full || comparePositions(page.end, end) > 0 ? page.end : end };
}

function isWanted(event: FleetEvent, choice: EventChoice): boolean {
  if (choice.types !== undefined && !choice.types.includes(event.type)) return false;
  return choice.hostId === undefined || event.hostId === choice.hostId;
}

function resetAt(position: Position, at: Date): FleetEvent {
  return {
    id: formatPosition(position),
    at: at.toISOString(),
    type: 'stream.reset',
    resourceId: '',
    hostId: null,
    data: {},
  };
}

/** Until the time is up (null: no limit), the promise is resolved or a signal aborted. */
function pause(
  ms: number | null,
  until: Promise<void> | null,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal?.aborted === true)) return resolve();
    const timer = ms === null ? undefined : setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', done);
      resolve();
    }
    for (const signal of signals) signal?.addEventListener('abort', done, { once: true });
    void until?.then(done);
  });
}
