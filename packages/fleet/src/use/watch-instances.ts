import { isLxdError } from '@longshore/lxd';
import { type Listening, sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import { SAMPLE_EVERY_MS, WATCHES_CHANNEL } from './look-at-instance.ts';
import { type TimedSample, useSampleOf } from './use-sample.ts';

/** Serves those who look at instances of the hosts that this process has. */
export type InstanceWatch = Readonly<{
  start(): Promise<void>;
  /** Looks whether there is something to ask: this process has one more host. */
  wake(): void;
  stop(): Promise<void>;
}>;

/** A host that takes longer than this is asked again when it has answered, and nobody else waits for it. */
const CALL_TIMEOUT_MS = 8_000;

type Watched = Readonly<{ id: string; host_id: string; host: string; name: string; lxd_project: string }>;

/**
 * Asks hosts for what their instances use, every two seconds while somebody looks; then it sleeps until it is told
 * again. The times of waking are the only state: another process that takes a host over hears of the next look.
 *
 * @param held the hosts that this process has a live session with
 */
export function createInstanceWatch(context: FleetContext, held: () => readonly string[]): InstanceWatch {
  const { store, log } = context;
  const stopping = new AbortController();
  const before = new Map<string, TimedSample>();
  const asking = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let wokenMeanwhile = false;
  let listening: Listening | undefined;

  const ask = async (watched: Watched): Promise<void> => {
    const { id } = watched;
    try {
      const { client } = await context.connections.client(watched.host_id);
      const state = await client.instances.state(watched.name, {
        project: watched.lxd_project,
        timeoutMs: CALL_TIMEOUT_MS,
        signal: stopping.signal,
      });
      const tookAtMs = performance.now();
      const sample = useSampleOf(state, context.clock(), tookAtMs, before.get(id));
      before.set(id, { sample, tookAtMs });
      // An event is of who may see the instance: by its project, its host or its labels.
      await sql`
        WITH written AS (
          UPDATE instance_watches SET sample = ${JSON.stringify(sample)}::jsonb, failure = NULL
          WHERE instance_id = ${id}::uuid AND wanted_until > now() RETURNING instance_id
        )
        SELECT outbox_add('instance.use', i.id::text, i.host_id, jsonb_build_object('name', i.name,
          'projectId', i.project_id, 'labels', i.labels, 'sample', ${JSON.stringify(sample)}::jsonb))
        FROM written JOIN instances i ON i.id = written.instance_id`.execute(store.db);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!isLxdError(error)) throw error;
      const failure = translateLxdError(error, watched.host).message;
      await sql`UPDATE instance_watches SET failure = ${failure} WHERE instance_id = ${id}::uuid`.execute(
        store.db,
      );
    }
  };

  const begin = (watched: Watched): void => {
    if (asking.has(watched.id)) return;
    const work = ask(watched)
      // The database, or a host that was removed just now: the next round tries again, while somebody looks.
      .catch((error: unknown) => log.debug({ err: error, instance: watched.id }, 'use could not be read'))
      .finally(() => asking.delete(watched.id));
    asking.set(watched.id, work);
  };

  const look = async (): Promise<void> => {
    let watched: readonly Watched[] = [];
    try {
      watched = await wanted();
    } catch (error) {
      log.debug({ err: error }, 'what is looked at could not be read');
    }
    if (stopping.signal.aborted) return;
    for (const each of watched) begin(each);
    const ids = new Set(watched.map(({ id }) => id));
    for (const id of before.keys()) if (!ids.has(id)) before.delete(id);
    if (wokenMeanwhile) timer = setTimeout(next, 0);
    else if (watched.length > 0) timer = setTimeout(next, SAMPLE_EVERY_MS);
  };

  const wanted = async (): Promise<readonly Watched[]> => {
    const hosts = [...held()];
    if (hosts.length === 0) return [];
    const { rows } = await sql<Watched>`
      SELECT i.id::text, i.host_id::text, h.name AS host, i.name, i.lxd_project
      FROM instance_watches w JOIN instances i ON i.id = w.instance_id JOIN hosts h ON h.id = i.host_id
      WHERE w.wanted_until > now() AND i.host_id = ANY (${hosts}::uuid[])`.execute(store.db);
    return rows;
  };

  const next = (): void => {
    clearTimeout(timer);
    timer = undefined;
    wokenMeanwhile = false;
    round = look().finally(() => {
      round = undefined;
    });
  };

  const wake = (): void => {
    wokenMeanwhile = true;
    if (timer === undefined && round === undefined && !stopping.signal.aborted) next();
  };

  return {
    async start() {
      listening = await store.listen(WATCHES_CHANNEL, {
        onNotify: (hostId) => {
          if (held().includes(hostId)) wake();
        },
        onReconnect: wake,
      });
      wake();
    },
    wake,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      listening?.stop();
      await round;
      await Promise.all(asking.values());
    },
  };
}
