import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Store } from '../connect-store.ts';
import type { Database } from '../index.ts';
import { messageOf } from '../store-error.ts';
import { checkLease } from './check-lease.ts';
import { divideKeys } from './divide-keys.ts';
import {
  beatAndListMembers,
  claimShares,
  listShares,
  releaseShares,
  removeMember,
} from './share-statements.ts';

/** One key that is ours for now. */
export interface Share {
  readonly key: string;
  /** Grows with every change of owner. */
  readonly fence: number;
  /** Aborts when the key goes to another member, is no more, or we stop. */
  readonly signal: AbortSignal;
  /**
   * Call it first in each transaction that writes on behalf of the key.
   *
   * @throws StoreError `lease_lost`
   */
  check(trx: Transaction<Database>): Promise<void>;
}

/** What {@link Leases.shareOut} needs. */
export interface ShareOutOptions {
  /** All keys there are, for example the ids of all hosts. Asked every few seconds. */
  readonly keys: () => Promise<readonly string[]>;
  /**
   * Does the work of one key for as long as it is ours: until `share.signal` aborts, and then soon returns; only then
   * does another member get the key. When it throws, it is called again after a growing pause.
   */
  readonly hold: (share: Share) => Promise<void>;
}

/** One member's part in sharing out the keys of a kind. */
export interface Sharing {
  /** The keys that are ours now. */
  held(): ReadonlyMap<string, Share>;
  /** Looks at once instead of with the next heart-beat: after a key was added, for example. */
  refresh(): void;
  /** Ends all work and gives every key up. */
  stop(): Promise<void>;
}

interface Holding {
  readonly share: Share;
  readonly letGo: AbortController;
  readonly ended: Promise<void>;
}

/** One channel for all kinds; the payload is the kind. */
const channel = 'store_shares';
/** A holder that does not leave off in this time has its key given away all the same; its fence stops it. */
const leaveOffMs = 10_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** Begins to take part; see {@link Leases.shareOut}. */
export async function shareOut(
  store: Store,
  kind: string,
  { owner, ttlMs }: { readonly owner: string; readonly ttlMs: number },
  options: ShareOutOptions,
): Promise<Sharing> {
  const member = `${owner}:${randomUUID()}`;
  const holdings = new Map<string, Holding>();
  const leaving = new Set<Promise<void>>();
  const stopping = new AbortController();
  let wakeUp = Promise.withResolvers<void>();
  const refresh = () => wakeUp.resolve();

  const take = (key: string, fence: number): void => {
    const letGo = new AbortController();
    const lease = { kind, key, owner: member, fence };
    const share: Share = { key, fence, signal: letGo.signal, check: (trx) => checkLease(trx, lease) };
    holdings.set(key, { share, letGo, ended: holdUntilAborted(store, kind, options.hold, share) });
  };

  /** Ends the work on keys; then, if they are still ours, gives them up. */
  const drop = (keys: readonly string[], reason: string): void => {
    const dropped = keys.flatMap((key) => holdings.get(key) ?? []);
    for (const each of dropped) {
      holdings.delete(each.share.key);
      each.letGo.abort(new Error(reason));
      const leave = giveUp(each).finally(() => leaving.delete(leave));
      leaving.add(leave);
    }
  };

  const giveUp = async ({ share, ended }: Holding): Promise<void> => {
    const limit = new AbortController();
    const late = delay(leaveOffMs, 'late' as const, { signal: limit.signal }).catch(() => undefined); // it ended
    if ((await Promise.race([ended, late])) === 'late') {
      store.log.error(
        { kind, key: share.key },
        'the work on a key does not end; its key is given away under it',
      );
    }
    limit.abort();
    try {
      await releaseShares(store.vital, kind, member, [share.key]);
      await store.notify(channel, kind, store.vital);
    } catch (error) {
      // Our row in the database stays; the next look finds it without a holding and gives it up again.
      store.log.warn({ kind, key: share.key, error: messageOf(error) }, 'could not give a key up yet');
    }
  };

  // Members and keys seldom change, and dividing a thousand keys anew with every heart-beat would show.
  let divided = { input: '', owners: divideKeys([], []) };
  const divide = (members: readonly string[], keys: readonly string[]): ReadonlyMap<string, string> => {
    const input = JSON.stringify([members, keys]);
    if (input !== divided.input) divided = { input, owners: divideKeys(members, keys) };
    return divided.owners;
  };

  const look = async (): Promise<void> => {
    const members = await beatAndListMembers(store.vital, kind, member, ttlMs);
    const keys = await options.keys();
    const owners = divide(members, keys);
    const inDatabase = await listShares(store.vital, kind, member);
    const lost = [...holdings.values()].filter(({ share }) => inDatabase.get(share.key) !== share.fence);
    drop(
      lost.map(({ share }) => share.key),
      'The key went to another member.',
    );
    drop(
      [...holdings.keys()].filter((key) => owners.get(key) !== member),
      'The key belongs to another member.',
    );
    if (leaving.size === 0) {
      const strays = [...inDatabase.keys()].filter((key) => !holdings.has(key) && owners.get(key) !== member);
      if (strays.length > 0) await releaseShares(store.vital, kind, member, strays);
    }
    const wanted = keys.filter((key) => owners.get(key) === member && !holdings.has(key));
    if (wanted.length === 0 || stopping.signal.aborted) return;
    for (const [key, fence] of await claimShares(store.vital, kind, member, wanted, ttlMs)) take(key, fence);
  };

  const loop = async (): Promise<void> => {
    let lastMs = performance.now();
    while (!stopping.signal.aborted) {
      const beganMs = performance.now();
      try {
        await look();
        lastMs = beganMs;
      } catch (error) {
        const silentMs = Math.round(performance.now() - lastMs);
        store.log.warn({ kind, error: messageOf(error), silentMs }, 'sharing out keys failed; trying again');
        // Others may hold our keys by now: leave off before two work on one.
        if (silentMs >= ttlMs) drop([...holdings.keys()], 'The database cannot be reached.');
      }
      const timer = setTimeout(refresh, ttlMs / 4);
      await wakeUp.promise;
      clearTimeout(timer);
      wakeUp = Promise.withResolvers<void>();
    }
  };

  const listening = await store.listen(channel, {
    onNotify: (payload) => {
      if (payload === kind) refresh();
    },
    onReconnect: refresh,
  });
  const running = loop();
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    stopping.abort();
    listening.stop();
    refresh();
    await running;
    drop([...holdings.keys()], 'The member stops.');
    await Promise.all(leaving);
    try {
      await removeMember(store.vital, kind, member);
      await store.notify(channel, kind, store.vital);
    } catch (error) {
      store.log.warn({ kind, error: messageOf(error) }, 'could not take leave; others notice shortly');
    }
  };

  return {
    held: () => new Map([...holdings].map(([key, { share }]) => [key, share])),
    refresh,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function holdUntilAborted(
  store: Store,
  kind: string,
  hold: ShareOutOptions['hold'],
  share: Share,
): Promise<void> {
  for (let pauseMs = firstPauseMs; !share.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await hold(share);
      return;
    } catch (error) {
      if (share.signal.aborted) return; // leaving off by throwing is fine
      store.log.error({ kind, key: share.key, error, againInMs: pauseMs }, 'the work on a key failed');
    }
    await delay(pauseMs, undefined, { signal: share.signal }).catch(() => undefined); // let go
  }
}
