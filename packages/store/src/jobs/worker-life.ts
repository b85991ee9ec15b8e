import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Store } from '../connect-store.ts';
import { messageOf } from '../store-error.ts';

/** The rhythm of the workers' heart-beats, in milliseconds. */
export interface JobTiming {
  /** Default 2 s: four may be lost before anyone draws a conclusion. */
  readonly heartbeatMs: number;
  /** A worker silent for so long is taken for dead. Default 10 s; measured, a job runs again 10.2 s after a kill -9. */
  readonly deadAfterMs: number;
  /** How often each worker looks for dead ones. Default 3 s. */
  readonly reapMs: number;
  /** How often it looks for jobs that come due with time. Added jobs wake it at once. Default 1 s. */
  readonly pollMs: number;
}

/** The defaults of {@link JobTiming}. */
export const defaultJobTiming: JobTiming = {
  heartbeatMs: 2000,
  deadAfterMs: 10_000,
  reapMs: 3000,
  pollMs: 1000,
};

/** One life of a worker: from one registration until it ends or is taken for dead. */
export interface WorkerLife {
  /** Never used again once this life is over: jobs locked under it can be told from those of the next. */
  readonly id: string;
  /** Aborts when the life is over. */
  readonly over: AbortSignal;
  /** Ends it from our side: unregisters after `last` has run. */
  end(last: (id: string) => Promise<void>): Promise<void>;
}

/** Registers a worker and keeps its heart beating. All times compared are the database's. */
export async function beginLife(store: Store, name: string, timing: JobTiming): Promise<WorkerLife> {
  const id = `${name}:${randomUUID()}`;
  const over = new AbortController();
  const ending = new AbortController();
  await store.db.insertInto('store_workers').values({ id }).execute();

  const beat = async (): Promise<void> => {
    let lastMs = performance.now();
    while (!ending.signal.aborted) {
      await delay(timing.heartbeatMs, undefined, { signal: ending.signal }).catch(() => undefined); // ending
      if (ending.signal.aborted) return;
      try {
        const sentMs = performance.now();
        if (!(await refresh(store, id))) {
          over.abort(new Error(`Worker ${id} was silent for too long; its jobs went to others.`));
          return;
        }
        lastMs = sentMs;
      } catch (error) {
        const silentMs = Math.round(performance.now() - lastMs);
        store.log.warn({ error: messageOf(error), silentMs }, 'a heart-beat to the database failed');
        // Others will take our jobs now if they can reach the database: stop acting on hosts before that.
        if (silentMs >= timing.deadAfterMs) {
          over.abort(new Error(`Worker ${id} cannot reach the database.`));
          return;
        }
      }
    }
  };
  const beating = beat();

  return {
    id,
    over: over.signal,
    end: async (last) => {
      ending.abort();
      await beating;
      await last(id);
      await store.db.deleteFrom('store_workers').where('id', '=', id).execute();
    },
  };
}

async function refresh(store: Store, id: string): Promise<boolean> {
  const result = await store.vital
    .updateTable('store_workers')
    .set({ seen_at: sql<Date>`now()` })
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Removes workers that were silent for too long. Time in which the database itself was down does not count.
 *
 * @returns their ids
 */
export async function removeSilentWorkers(store: Store, deadAfterMs: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    delete from store_workers
    where greatest(seen_at, pg_postmaster_start_time()) < now() - ${deadAfterMs}::double precision * interval '1 millisecond'
    returning id`.execute(store.vital);
  return rows.map((row) => row.id);
}
