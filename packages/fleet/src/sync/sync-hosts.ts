import { createLeases, type Listening, type Share, type Sharing } from '@longshore/store';
import { createErrands } from '../errands/run-errands.ts';
import type { FleetContext } from '../fleet-context.ts';
import { HOSTS_CHANNEL } from '../hosts/host-changes.ts';
import { createInstanceWatch } from '../use/watch-instances.ts';
import { createReadSlots } from './read-slots.ts';
import { type Session, type SharedSlots, startSession } from './session.ts';
import type { SessionTiming } from './session-timing.ts';
import { createSyncCounters, type SyncMetrics } from './sync-metrics.ts';
import { touchHosts } from './write-host.ts';

/** Keeps the sessions of this process's share of the hosts. */
export type HostSync = {
  /** Begins to take part: hosts come as other processes let them go, or at once where there is none. */
  start(): Promise<void>;
  /** Ends all sessions and gives the hosts to other processes. */
  stop(): Promise<void>;
  metrics(): SyncMetrics;
};

export type HostSyncOptions = {
  /** Called when a host is online again. */
  onOnline(hostId: string): Promise<void>;
  readonly timing?: Partial<SessionTiming> | undefined;
  /** How long a dead process keeps its hosts, in milliseconds. Default: the store's 10 s. */
  readonly leaseMs?: number | undefined;
  /** How many connections of the pool sync uses at most. Default 6. */
  readonly databaseConnections?: number | undefined;
  /** How often live hosts are noted as seen, in milliseconds. Default 15 s. */
  readonly touchMs?: number | undefined;
};

/** A thousand handshakes at once would take longer than each of them is given. */
const CONNECTS_AT_ONCE = 48;
/** A host that has not answered by now is likely silent, and costs nothing while it is. */
const CONNECT_LEND_MS = 1_000;
/** Each full read holds a host's whole reply in memory while it is parsed. */
const READS_AT_ONCE = 8;
/** A busy host of 100 instances takes half a second. One that falls silent in the middle must not hold up the others. */
const READ_LEND_MS = 3_000;
const TOUCH_MS = 15_000;
/** Of the pool's ten by default: people and operations come first. */
const DATABASE_CONNECTIONS = 6;

/** Makes the sync of a process: the hosts are shared out among all processes by lease. */
export function createHostSync(context: FleetContext, options: HostSyncOptions): HostSync {
  const { store } = context;
  const leases = createLeases(store, {
    owner: context.workerId,
    ...(options.leaseMs === undefined ? {} : { ttlMs: options.leaseMs }),
  });
  const shared: SharedSlots = {
    connects: createReadSlots(CONNECTS_AT_ONCE, CONNECT_LEND_MS),
    reads: createReadSlots(READS_AT_ONCE, READ_LEND_MS),
    database: createReadSlots(options.databaseConnections ?? DATABASE_CONNECTIONS),
  };
  const counters = createSyncCounters();
  const sessions = new Map<string, { readonly session: Session; readonly fence: number }>();
  let touching: NodeJS.Timeout | undefined;
  let sharing: Sharing | undefined;
  let listening: Listening | undefined;

  const hostIds = async (): Promise<string[]> =>
    (await store.db.selectFrom('hosts').select('id').execute()).map(({ id }) => id);

  const hold = async (share: Share): Promise<void> => {
    const session = startSession({
      context,
      hostId: share.key,
      fence: { number: share.fence, check: (trx) => share.check(trx) },
      shared,
      counters,
      onOnline: options.onOnline,
      // Somebody may have waited for a process to take the host over.
      onLive: () => {
        watch.wake();
        errands.wake();
      },
      timing: options.timing,
    });
    sessions.set(share.key, { session, fence: share.fence });
    const stop = (): void => {
      void session.stop();
    };
    share.signal.addEventListener('abort', stop, { once: true });
    if (share.signal.aborted) stop();
    await session.ended;
    share.signal.removeEventListener('abort', stop);
    if (sessions.get(share.key)?.session === session) sessions.delete(share.key);
  };

  const held = (): readonly string[] =>
    [...sessions].flatMap(([hostId, { session }]) =>
      session.state === 'live' || session.state === 'reading' ? [hostId] : [],
    );
  const watch = createInstanceWatch(context, held);
  const errands = createErrands(context, held);

  const touch = (): void => {
    const live = [...sessions].flatMap(([hostId, { session, fence }]) =>
      session.state === 'live' ? [{ hostId, fence }] : [],
    );
    shared.database
      .run(() => touchHosts(store, live))
      .catch((error: unknown) => {
        // The next one comes in seconds, and the sessions tell of a database that stays away.
        context.log.debug({ err: error }, 'live hosts could not be noted');
      });
  };

  return {
    async start() {
      touching = setInterval(touch, options.touchMs ?? TOUCH_MS);
      listening = await store.listen(HOSTS_CHANNEL, {
        onNotify: (hostId) => {
          sessions.get(hostId)?.session.poke();
          sharing?.refresh();
        },
        onReconnect: () => sharing?.refresh(),
      });
      await watch.start();
      await errands.start();
      sharing = await leases.shareOut('host', { keys: hostIds, hold });
    },
    async stop() {
      clearInterval(touching);
      listening?.stop();
      await Promise.all([watch.stop(), errands.stop()]);
      await sharing?.stop();
    },
    metrics: () => counters.read(),
  };
}
