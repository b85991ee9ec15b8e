import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../connect-store.ts';
import type { Listening } from '../listener.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../store-error.ts';
import type { JobDefinition } from './job-handler.ts';
import {
  adoptExhaustedJobs,
  type FetchedJob,
  fetchJobs,
  freeOrphanedJobs,
  registerTasks,
  releaseJobs,
  sweepQueue,
} from './job-statements.ts';
import { failExhausted, runJob } from './run-job.ts';
import {
  beginLife,
  defaultJobTiming,
  type JobTiming,
  removeSilentWorkers,
  type WorkerLife,
} from './worker-life.ts';

/** What {@link createJobs} needs. */
export interface JobsOptions {
  /** By job name. Jobs of other names are left to other workers. */
  readonly handlers: Readonly<Record<string, JobDefinition>>;
  /** How many run at once in this process. */
  readonly concurrency: number;
  /** For people: the start of the ids under which this worker registers. */
  readonly workerId: string;
  readonly log?: Log;
  readonly timing?: Partial<JobTiming>;
  /** Uniform in [0, 1), for the jitter of back-offs. Default Math.random. */
  readonly random?: () => number;
}

/** A worker of the job queue. */
export interface Jobs {
  /** Registers the worker and begins to run jobs. */
  start(): Promise<void>;
  /**
   * Takes no new jobs, lets the running ones end for up to `limitMs` (default 20 s), breaks off the rest and gives
   * them back. Twice is harmless.
   */
  stop(limitMs?: number): Promise<void>;
  /** How many run now. */
  running(): number;
}

const stopLimitMs = 20_000;
/** After being told to leave off, a handler has this long to do so before its job is given away under it. */
const leaveOffMs = 1000;
const sweepEveryMs = 600_000;
const keepFailedDays = 14;

/** A worker on the job queue: graphile-worker's tables and functions under a loop of our own (decision 0002). */
export function createJobs(store: Store, options: JobsOptions): Jobs {
  const log = options.log ?? store.log;
  const timing: JobTiming = { ...defaultJobTiming, ...options.timing };
  const definitions = new Map(Object.entries(options.handlers));
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  const breakOff = new AbortController();
  const active = new Map<number, Promise<unknown>>();
  let wakeUp = Promise.withResolvers<void>();
  let names: ReadonlyMap<number, string> = new Map();
  let life: WorkerLife | undefined;
  let listening: Listening | undefined;
  let loop: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  let sweptMs = performance.now();

  const wake = () => wakeUp.resolve();
  /** Waits for a wake, at most `ms`. */
  const idle = async (ms: number): Promise<void> => {
    const timer = setTimeout(wake, ms);
    await wakeUp.promise;
    clearTimeout(timer);
    wakeUp = Promise.withResolvers<void>();
  };

  const begin = (job: FetchedJob, current: WorkerLife, work: typeof runJob | typeof failExhausted): void => {
    const name = names.get(job.taskId);
    const definition = name === undefined ? undefined : definitions.get(name);
    if (name === undefined || definition === undefined) return; // only our own names are fetched
    const signal = AbortSignal.any([breakOff.signal, current.over]);
    const context = { store, name, definition, signal, random };
    const running = work(context, job).finally(() => {
      active.delete(job.id);
      wake();
    });
    active.set(job.id, running);
  };

  // One loop for fetching and looking after: what it fetched is in `active` before it looks for strays.
  const runLoop = async (): Promise<void> => {
    let nextReapMs = 0;
    while (!stopping.signal.aborted) {
      try {
        const current = await ensureLife();
        if (performance.now() >= nextReapMs) {
          // Spread, so that many workers do not all look in the same moment.
          nextReapMs = performance.now() + timing.reapMs * (0.75 + random() / 2);
          await reap(current);
        }
        const room = options.concurrency - active.size;
        const fetched = room > 0 ? await fetchJobs(store.db, current.id, [...names.keys()], room) : [];
        for (const job of fetched) begin(job, current, runJob);
        if (fetched.length > 0) continue;
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'cannot fetch jobs; trying again');
      }
      await idle(timing.pollMs);
    }
  };

  const ensureLife = async (): Promise<WorkerLife> => {
    if (life !== undefined && !life.over.aborted) return life;
    if (life !== undefined)
      log.warn({ worker: life.id, reason: messageOf(life.over.reason) }, 'worker begins anew');
    life = await beginLife(store, options.workerId, timing);
    life.over.addEventListener('abort', wake, { once: true });
    return life;
  };

  const reap = async (current: WorkerLife): Promise<void> => {
    const dead = await removeSilentWorkers(store, timing.deadAfterMs);
    const freed = await freeOrphanedJobs(store.db);
    if (dead.length > 0 || freed > 0) log.warn({ dead, freed }, 'took the jobs of dead workers back');
    for (const job of await adoptExhaustedJobs(store.db, current.id, [...names.keys()])) {
      begin(job, current, failExhausted);
    }
    // Fetched for us by a statement whose answer was lost with its connection.
    const strays = await releaseJobs(store.db, current.id, [...active.keys()]);
    if (strays > 0) log.warn({ strays }, 'gave back jobs whose fetch was cut off');
    if (performance.now() - sweptMs < sweepEveryMs) return;
    sweptMs = performance.now();
    await sweepQueue(store.db, keepFailedDays);
  };

  const stop = async (limitMs: number): Promise<void> => {
    stopping.abort();
    wake();
    listening?.stop();
    await loop;
    if (!(await allEnd(active, limitMs))) {
      log.warn({ running: active.size }, 'breaking off jobs that did not end in time');
      breakOff.abort(new Error('The worker stops.'));
      await allEnd(active, leaveOffMs);
    }
    breakOff.abort(new Error('The worker stops.'));
    if (life === undefined || life.over.aborted) return;
    try {
      await life.end((id) => releaseJobs(store.db, id, []).then(() => undefined));
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'could not give jobs back; others take them over shortly');
    }
  };

  return {
    start: async () => {
      names = await registerTasks(store.db, [...definitions.keys()]);
      await ensureLife();
      // graphile's add_job sends this; its payload counts jobs, which does not matter here.
      listening = await store.listen('jobs:insert', { onNotify: wake, onReconnect: wake });
      loop = runLoop();
    },
    stop: (limitMs = stopLimitMs) => {
      stopped ??= stop(limitMs);
      return stopped;
    },
    running: () => active.size,
  };
}

async function allEnd(active: ReadonlyMap<number, Promise<unknown>>, limitMs: number): Promise<boolean> {
  const limit = new AbortController();
  const timer = delay(limitMs, undefined, { signal: limit.signal }).catch(() => undefined); // all ended
  await Promise.race([Promise.all(active.values()), timer]);
  limit.abort();
  return active.size === 0;
}
