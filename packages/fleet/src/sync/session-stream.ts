import type { LxdClient, LxdEvent } from '@longshore/lxd';
import type { Log } from '@longshore/store';
import { wantedBy } from './events-to-reads.ts';
import type { HostReader } from './host-reader.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createRereads, type Place, type Rereads } from './rereads.ts';
import { isIsolated } from './session-failures.ts';
import type { SessionTiming } from './session-timing.ts';
import type { SyncCounters } from './sync-metrics.ts';

/** A host's event stream, and the reads that its events cause. It lives from one connection to its loss. */
export type SessionStream = {
  readonly rereads: Rereads;
  /** Resolves when events arrive from now on. */
  readonly opened: Promise<void>;
  /** Rejects when the stream is lost or a read failed. */
  readonly lost: Promise<never>;
  close(): void;
};

export type SessionStreamOptions = {
  readonly client: LxdClient;
  readonly hostName: string;
  readonly reader: HostReader;
  /** A full read of the instances, in its turn. */
  readAll(signal: AbortSignal): Promise<void>;
  /** Told of each event. */
  seen(event: LxdEvent): void;
  readonly counters: SyncCounters;
  readonly timing: Pick<SessionTiming, 'silenceMs' | 'addressesMs'>;
  readonly log: Log;
};

/** Facts come in bursts (an image and its aliases, a project and its profile), and nobody waits for them. */
const FACTS_DELAY_MS = 200;

/** Opens the stream. What comes before the session's full read is read after it: nothing falls between the two. */
export function openSessionStream(options: SessionStreamOptions): SessionStream {
  const { client, hostName, reader, counters, timing, log } = options;
  const ending = new AbortController();
  const opened = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined); // read by whoever waits; often nobody does any more
  const fail = (error: unknown): void => lost.reject(error);
  /** When the first event of what is not read yet came. */
  const arrivals = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();

  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };

  const readOne = async (place: Place): Promise<void> => {
    const key = keyOf(place);
    const arrivedMs = arrivals.get(key);
    arrivals.delete(key);
    counters.count('instanceReads');
    try {
      await reader.instance(place, ending.signal);
    } catch (error) {
      if (!isIsolated(error)) throw error;
      // The next full read makes a warning of it where it lasts.
      log.debug({ host: hostName, instance: place.name, err: error }, 'an instance cannot be read');
    }
    if (arrivedMs !== undefined) counters.lagged(performance.now() - arrivedMs);
  };

  const rereads = createRereads({
    onFailure: fail,
    readOne,
    readAll: async () => {
      arrivals.clear();
      await options.readAll(ending.signal);
    },
  });
  const readFacts = oneAtATime(() => reader.facts(ending.signal), fail);
  let factsWanted = false;
  const wantFacts = (): void => {
    if (factsWanted) return;
    factsWanted = true;
    later(FACTS_DELAY_MS, () => {
      factsWanted = false;
      readFacts();
    });
  };
  const wantInstance = (place: Place, started: boolean): void => {
    const key = keyOf(place);
    if (!arrivals.has(key)) arrivals.set(key, performance.now());
    void rereads.want(place);
    if (started) for (const afterMs of timing.addressesMs) later(afterMs, () => void rereads.want(place));
  };

  const onEvent = (event: LxdEvent): void => {
    counters.count('events');
    options.seen(event);
    for (const wanted of wantedBy(event)) {
      switch (wanted.kind) {
        case 'facts':
          wantFacts();
          break;
        case 'instances':
          void rereads.wantAll();
          break;
        case 'instance':
          wantInstance(wanted, wanted.started);
          break;
      }
    }
  };

  const events = client.events({
    allProjects: true,
    silenceMs: timing.silenceMs,
    onConnect: () => opened.resolve(),
    onEvent,
    onDisconnect: fail,
  });
  return {
    rereads,
    opened: opened.promise,
    lost: lost.promise,
    close: () => {
      ending.abort();
      for (const timer of timers) clearTimeout(timer);
      rereads.close();
      events.close().catch((error: unknown) => log.debug({ err: error }, 'an event stream did not end well'));
    },
  };
}

function keyOf({ lxdProject, name }: Place): string {
  return `${lxdProject}\n${name}`;
}
