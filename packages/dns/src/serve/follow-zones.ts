import { setTimeout as delay } from 'node:timers/promises';
import type { Listening, Log, Store } from '@longshore/store';
import { sql } from '@longshore/store';
import { pruneChanges, publish } from '../publish/publish.ts';
import {
  type PublishedName,
  type ReadPosition,
  readChangedNames,
  readChangedZones,
  readServedZones,
  readState,
  readZoneNames,
  wireNameIn,
} from './read-published.ts';
import type { ZoneTable } from './zone-table.ts';

/** Keeps a {@link ZoneTable} true to the database, and publishes what changed. */
export type ZoneFollower = Readonly<{
  /** Resolves when the table holds what the database held at some moment after the call. */
  start(): Promise<void>;
  /** Seconds since the table was known to be true. */
  staleSeconds(): number;
  stop(): Promise<void>;
}>;

/** What {@link followZones} works with. */
export type FollowOptions = Readonly<{
  store: Store;
  table: ZoneTable;
  log: Log;
  clock: () => Date;
  /** Told which zones have a new version. */
  onChanged?: (zoneIds: readonly string[]) => void;
}>;

/** A look without having been told: a safety net, and what bounds the age of answers that nobody changed. */
const POLL_MS = 5000;
const BREAK_AFTER_ERROR_MS = 500;
/** Changes that are read at once: some 20 ms of work. */
const STEP = 5000;
const PRUNE_EVERY_MS = 3_600_000;

/** Nothing is read before `start`. While the database is away, the table stays as it is. */
export function followZones(options: FollowOptions): ZoneFollower {
  const { store, table, log, clock } = options;
  const stopping = new AbortController();
  const listenings: Listening[] = [];
  let poked = Promise.withResolvers<void>();
  let position: ReadPosition | undefined;
  let trueAt = clock().getTime();
  let prunedAt = clock().getTime();
  let work: Promise<void> | undefined;

  /** Zones whose names have all been read. */
  const complete = new Set<string>();

  const poke = () => poked.resolve();

  const remove = (id: string) => {
    complete.delete(id);
    table.removeZone(id);
  };

  const put = (names: readonly PublishedName[]) => {
    for (const { zoneId, owner, sets } of names) {
      const zone = table.zoneById(zoneId);
      if (zone !== undefined) putName(zoneId, owner, sets, () => wireNameIn(zone, owner));
    }
  };

  /** One name that cannot be served does not keep others from being. */
  const putName = (zoneId: string, owner: string, sets: PublishedName['sets'], nameOf: () => Buffer) => {
    try {
      table.putName(zoneId, nameOf(), sets);
    } catch (error) {
      log.error({ error, zoneId, owner }, 'a name cannot be served and is left out');
    }
  };

  const loadZones = async (): Promise<ReadPosition> =>
    // One moment of the database: names and the position they stand at.
    store.transaction(async (trx) => {
      await sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`.execute(trx);
      const { position: now } = await readState(trx);
      const zones = await readServedZones(trx);
      const ids = new Set(zones.map(({ id }) => id));
      for (const known of table.zones()) {
        const renamed = zones.find(({ id }) => id === known.id)?.name !== known.name;
        if (!ids.has(known.id) || renamed) remove(known.id);
      }
      // A zone that is new to us is read whole, and so is one whose reading broke off. All are put in first: the apex of a
      // zone below has to be there when the one above is read.
      for (const zone of zones) table.putZone(zone);
      for (const { id } of zones) {
        if (complete.has(id)) continue;
        for await (const names of readZoneNames(trx, id)) put(names);
        complete.add(id);
      }
      return now;
    });

  const catchUp = async (): Promise<void> => {
    const { position: now, prunedSeq } = await readState(store.db);
    if (position !== undefined && position.seq < prunedSeq && now.seq > position.seq) {
      log.warn({}, 'DNS was away from the database for too long; all zones are read anew');
      for (const { id } of table.zones()) remove(id);
      position = undefined;
    }
    const before = position;
    if (before === undefined || before.zonesVersion !== now.zonesVersion) {
      const loaded = await loadZones();
      // What was changed in zones that were known already is read below.
      position = { ...loaded, seq: before?.seq ?? loaded.seq };
    }
    const from = position?.seq ?? 0;
    if (now.seq > from) {
      const zones = await readChangedZones(store.db, from);
      // In steps: between them questions are answered.
      for (let at = from; at < now.seq; at += STEP) {
        put(await readChangedNames(store, at, Math.min(at + STEP, now.seq)));
      }
      for (const zone of zones) if (table.zoneById(zone.id) !== undefined) table.putZone(zone);
      position = { zonesVersion: position?.zonesVersion ?? now.zonesVersion, seq: now.seq };
      options.onChanged?.(zones.map(({ id }) => id));
    }
    trueAt = clock().getTime();
  };

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const next = poked.promise;
      try {
        await publish(store);
        await catchUp();
        if (clock().getTime() - prunedAt > PRUNE_EVERY_MS) {
          prunedAt = clock().getTime();
          await pruneChanges(store);
        }
        await pause(POLL_MS, next, stopping.signal);
        if (poked.promise === next) poked = Promise.withResolvers();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ error }, 'DNS cannot read the database now; it answers what it knows');
        await pause(BREAK_AFTER_ERROR_MS, null, stopping.signal);
      }
    }
  };

  return {
    async start() {
      for (const channel of ['outbox', 'dns_dirty', 'dns']) {
        listenings.push(await store.listen(channel, { onNotify: poke, onReconnect: poke }));
      }
      await catchUp();
      work = follow();
    },
    staleSeconds: () => Math.max(0, (clock().getTime() - trueAt) / 1000),
    async stop() {
      stopping.abort();
      for (const each of listenings) each.stop();
      await work;
    },
  };
}

/** Until it is time, or somebody pokes, or all ends. */
async function pause(ms: number, poked: Promise<void> | null, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const timer = delay(ms, undefined, { signal: AbortSignal.any([signal, done.signal]), ref: false }).catch(
    () => undefined,
  ); // ended early
  await Promise.race(poked === null ? [timer] : [timer, poked]);
  done.abort();
}
