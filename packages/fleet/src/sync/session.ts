import { type HostStatus, type HostWarning, LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient, LxdError, probeServer } from '@longshore/lxd';
import type { Database, Transaction } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { checkServer } from '../hosts/check-server.ts';
import type { HostRow } from '../hosts/hosts-table.ts';
import { versionWarnings } from '../hosts/version-warnings.ts';
import { aborted, pause } from './abortable-waits.ts';
import { foreignChange } from './foreign-change.ts';
import { createHostReader, type HostReader } from './host-reader.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { ReadSlots } from './read-slots.ts';
import { isGone, isOfHost, unreadable } from './session-failures.ts';
import { nextState, type SessionEvent, type SessionState, waitAfter } from './session-state.ts';
import { openSessionStream, type SessionStream } from './session-stream.ts';
import { SESSION_TIMING, type SessionTiming } from './session-timing.ts';
import type { SyncCounters } from './sync-metrics.ts';
import { type Fence, type HostCondition, writeCondition, writeServer, writeWarnings } from './write-host.ts';

/** Limits over all sessions of a process. */
export type SharedSlots = {
  /** First contacts. */
  readonly connects: ReadSlots;
  /** Full reads. */
  readonly reads: ReadSlots;
  /** Statements and transactions. */
  readonly database: ReadSlots;
};

export type SessionOptions = {
  readonly context: FleetContext;
  readonly hostId: string;
  /** When it is lost, the session ends. */
  readonly fence: Fence;
  /** What is scarce, and shared with the sessions of other hosts. */
  readonly shared: SharedSlots;
  readonly counters: SyncCounters;
  /** The host is online again. */
  onOnline(hostId: string): Promise<void>;
  /** The host was read, and can be asked other things by this process from now on. */
  onLive?(): void;
  readonly timing?: Partial<SessionTiming> | undefined;
  readonly random?: (() => number) | undefined;
};

/** The one session of a host: docs/spec/host-sync.md. */
export type Session = {
  readonly hostId: string;
  readonly state: SessionState;
  /** The host's row was changed: begin anew at once. */
  poke(): void;
  /** Ends it; resolves when nothing more is written. */
  stop(): Promise<void>;
  /** Resolves when it has ended, also by itself (its host is gone, or another process has it). */
  readonly ended: Promise<void>;
};

/** What a connected session has in hand. */
type Link = {
  readonly client: LxdClient;
  readonly host: HostRow;
  readonly reader: HostReader;
  readonly warnings: readonly HostWarning[];
};

/** Fires to break off what a state is doing. */
class Interrupted extends Error {
  readonly event: 'poked' | 'stopped';
  constructor(event: 'poked' | 'stopped') {
    super(event);
    this.event = event;
  }
}

/** Starts a session. It never throws: what goes wrong shows in the host's status, or in the log where it is ours. */
export function startSession(options: SessionOptions): Session {
  const { context, hostId, fence, counters } = options;
  const { connects, reads, database } = options.shared;
  const { store, log } = context;
  const timing = { ...SESSION_TIMING, ...options.timing };
  const random = options.random ?? Math.random;

  let state: SessionState = 'connecting';
  let stopping = false;
  let poked = false;
  let interrupt = new AbortController();
  let link: Link | undefined;
  let stream: SessionStream | undefined;
  let failures = 0;
  let liveSinceMs: number | undefined;
  counters.moved(undefined, state);

  const write = (work: (trx: Transaction<Database>) => Promise<void>): Promise<void> =>
    database.run(() =>
      store.transaction(async (trx) => {
        await fence.check(trx);
        await work(trx);
      }),
    );
  const setCondition = (condition: HostCondition): Promise<HostStatus | undefined> =>
    database.run(() => writeCondition(store, hostId, condition, fence));

  const connect = async (signal: AbortSignal): Promise<SessionEvent> => {
    const { host, client } = await database.run(() => context.connections.clientToTry(hostId));
    const info = await connects.run(() => client.server.get({ timeoutMs: timing.connectMs, signal }));
    checkServer(info, host.name);
    await write((trx) => writeServer(trx, hostId, info));
    const known = { ...host, extensions: [...info.apiExtensions] };
    const reader = createHostReader({ store, host: known, client, fence, turn: database.run });
    link = { client, host: known, reader, warnings: versionWarnings(info) };
    return 'answered';
  };

  const open = async (signal: AbortSignal): Promise<SessionEvent> => {
    if (link === undefined) return 'failed';
    const { client, host, reader } = link;
    const { fingerprint } = await context.installation();
    const made = openSessionStream({
      client,
      hostName: host.name,
      readAll: (ending) => reads.run(() => readAll(reader, ending)),
      reader,
      seen: (event) => {
        const change = foreignChange(event, host, fingerprint);
        if (change !== null) context.onForeignChange?.(change);
      },
      counters,
      timing,
      log,
    });
    stream = made;
    await Promise.race([made.opened, made.lost, aborted(signal), late(host.url, timing.connectMs, signal)]);
    return 'opened';
  };

  const readAll = async (reader: HostReader, signal: AbortSignal): Promise<void> => {
    counters.count('fullReads');
    const { problems } = await reader.instances(signal);
    const warnings = [...(link?.warnings ?? []), ...unreadable(problems)];
    await write((trx) => writeWarnings(trx, hostId, warnings));
  };

  const read = async (signal: AbortSignal): Promise<SessionEvent> => {
    if (link === undefined || stream === undefined) return 'failed';
    const { reader } = link;
    // One after the other: a thousand hosts with six connections each would cost half a gigabyte in TLS alone.
    const work = reads.run(async () => {
      await readAll(reader, signal);
      await reader.facts(signal);
      await reader.resources(signal);
    });
    work.catch(() => undefined); // raced below; the stream may be lost first
    await Promise.race([work, stream.lost]);
    signal.throwIfAborted();
    const before = await setCondition({ status: 'online', reason: null, seenFingerprint: null });
    liveSinceMs = performance.now();
    options.onLive?.();
    if (before !== 'online') await options.onOnline(hostId);
    return 'read';
  };

  const live = async (signal: AbortSignal): Promise<SessionEvent> => {
    if (link === undefined || stream === undefined) return 'failed';
    const { reader } = link;
    const { rereads, lost } = stream;
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined); // raced below
    const failed = (error: unknown): void => {
      if (isGone(error) || isOfHost(error)) broken.reject(error);
      // The database: nothing of the host is lost by it, and the next time comes.
      else log.debug({ hostId, err: error }, 'the resources of a host could not be written');
    };
    const every = (ms: number, work: () => Promise<void>): NodeJS.Timeout =>
      setInterval(oneAtATime(work, failed), ms * (0.9 + random() / 5));
    const timers = [
      every(timing.resourcesMs, () => reader.resources(signal)),
      every(timing.compareMs, async () => {
        await rereads.wantAll();
        await reader.facts(signal);
      }),
    ];
    try {
      return await Promise.race([lost, broken.promise, aborted(signal)]);
    } finally {
      for (const timer of timers) clearInterval(timer);
    }
  };

  /** Waits after a failure. A short loss of a live stream is not told to anyone before an attempt has failed. */
  const wait = async (signal: AbortSignal): Promise<SessionEvent> => {
    await pause(waitAfter(Math.max(1, failures), random()) * timing.waitFactor, signal);
    return 'waited';
  };

  const quarantine = async (signal: AbortSignal): Promise<SessionEvent> => {
    await pause(timing.quarantineMs, signal);
    return 'waited';
  };

  const act = (signal: AbortSignal): Promise<SessionEvent> => {
    switch (state) {
      case 'connecting':
        return connect(signal);
      case 'opening':
        return open(signal);
      case 'reading':
        return read(signal);
      case 'live':
        return live(signal);
      case 'waiting':
        return wait(signal);
      case 'quarantined':
        return quarantine(signal);
      case 'ended':
        return Promise.resolve('stopped');
    }
  };

  /** What a failure means; writes the host's condition where it says something of the host. */
  const judge = async (error: unknown): Promise<SessionEvent> => {
    if (isGone(error)) {
      if (error instanceof LongshoreError) await context.connections.forget(hostId); // no longer in the fleet
      return 'stopped';
    }
    counters.count('failures');
    if (state === 'quarantined') return 'failed';
    if (isLxdError(error, 'fingerprint-mismatch')) {
      await quarantineHost();
      return 'certificate-changed';
    }
    const lived = state === 'live' && liveSinceMs !== undefined ? performance.now() - liveSinceMs : 0;
    failures = lived > 30_000 ? 1 : failures + 1;
    if (!isOfHost(error)) {
      const level = failures === 1 ? log.warn : log.debug;
      level.call(log, { hostId, state, err: error }, 'the session of a host failed');
    } else if (state !== 'live') {
      const reason = error.message;
      await setCondition({ status: 'unreachable', reason, seenFingerprint: null });
    }
    return 'failed';
  };

  const quarantineHost = async (): Promise<void> => {
    const { host } = await context.connections.clientToTry(hostId);
    const seen = await probeServer(host.url, { timeoutMs: timing.connectMs });
    if (seen.fingerprint === host.fingerprint) return; // changed back between the two looks
    const reason = 'The host shows another certificate than the pinned one.';
    await setCondition({ status: 'quarantined', reason, seenFingerprint: seen.fingerprint });
    log.warn(
      { host: host.name, seen: seen.fingerprint },
      'a host is quarantined: its certificate has changed',
    );
  };

  const step = async (): Promise<SessionEvent> => {
    interrupt = new AbortController();
    if (stopping) return 'stopped';
    if (poked) {
      poked = false; // between two steps
      return 'poked';
    }
    try {
      // Not every wait can be broken off (a turn on the database): it goes on by itself, and its fence holds it.
      return await Promise.race([act(interrupt.signal), aborted(interrupt.signal)]);
    } catch (error) {
      if (stopping) return 'stopped';
      const { signal } = interrupt;
      if (signal.aborted && signal.reason instanceof Interrupted) {
        poked = false;
        return signal.reason.event;
      }
      try {
        return await judge(error);
      } catch (second) {
        if (isGone(second)) return 'stopped';
        // The database or the host failed while the failure was written down; the next attempt writes it.
        log.debug({ hostId, err: second }, 'the condition of a host could not be written');
        return 'failed';
      }
    }
  };

  const run = async (): Promise<void> => {
    while (state !== 'ended') {
      const event = await step();
      if (event === 'poked') failures = 0;
      const next = nextState(state, event);
      if (next !== 'opening' && next !== 'reading' && next !== 'live') {
        stream?.close();
        stream = undefined;
      }
      if (next === 'live' && state !== 'live' && failures > 0)
        log.info({ host: link?.host.name }, 'a host is online');
      counters.moved(state, next);
      state = next;
    }
  };

  const ended = run();
  return {
    hostId,
    get state() {
      return state;
    },
    poke: () => {
      poked = true;
      interrupt.abort(new Interrupted('poked'));
    },
    stop: async () => {
      stopping = true;
      interrupt.abort(new Interrupted('stopped'));
      await ended;
    },
    ended,
  };
}

/** Rejects when the event stream was not opened in time. */
async function late(target: string, ms: number, signal: AbortSignal): Promise<never> {
  await pause(ms, signal);
  throw new LxdError({ code: 'timeout', message: 'the event stream was not opened in time', target });
}
