// Statements on the tables of graphile-worker 0.18.0, which is pinned: they are private to it, and the reason
// for using them all the same is in docs/decisions/0002. Every statement that ends a job names its owner, so
// that a worker whose job was given to another changes nothing.
import { type Kysely, sql } from 'kysely';
import type { Query } from '../connect-store.ts';
import type { Database } from '../index.ts';

/** One job as it was fetched. */
export interface FetchedJob {
  readonly id: number;
  readonly taskId: number;
  readonly payload: unknown;
  readonly key: string | null;
  /** This attempt's number, from 1. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Who locked it and when: together they name this one fetch, also among several by one worker. */
  readonly lockedBy: string;
  readonly lockedAt: string;
}

const fetchedColumns = sql.raw(
  `j.id, j.task_id as "taskId", j.payload, j.key, j.attempts::int as attempts, j.max_attempts::int as "maxAttempts",
   j.locked_by as "lockedBy", j.locked_at::text as "lockedAt"`,
);
const jobs = sql.raw('graphile_worker._private_jobs');
const queues = sql.raw('graphile_worker._private_job_queues');
const tasks = sql.raw('graphile_worker._private_tasks');

/** Job names to the ids the queue uses for them. */
export async function registerTasks(
  query: Query,
  names: readonly string[],
): Promise<ReadonlyMap<number, string>> {
  await sql`insert into ${tasks} (identifier) select unnest(${names}::text[]) on conflict do nothing`.execute(
    query,
  );
  const { rows } = await sql<{ id: number; identifier: string }>`
    select id, identifier from ${tasks} where identifier = any(${names}::text[])`.execute(query);
  return new Map(rows.map((row) => [row.id, row.identifier]));
}

/** Locks up to `limit` jobs that are due for `worker`, at most one of each named queue (see the migration). */
export async function fetchJobs(
  query: Query,
  worker: string,
  taskIds: readonly number[],
  limit: number,
): Promise<readonly FetchedJob[]> {
  const { rows } = await sql<FetchedJob>`
    select ${fetchedColumns} from store_fetch_jobs(${worker}, ${taskIds}::integer[], ${limit}) as j`.execute(
    query,
  );
  return rows;
}

/** The condition that a job is still locked by the very fetch that returned it. */
function isStill(job: FetchedJob) {
  return sql`(id = ${job.id} and locked_by = ${job.lockedBy} and locked_at = ${job.lockedAt}::timestamptz)`;
}

/** Locks the job's row until the transaction ends. False when it is no longer ours. */
export async function lockOwnJob(query: Query, job: FetchedJob): Promise<boolean> {
  const { rows } = await sql`select from ${jobs} where ${isStill(job)} for no key update`.execute(query);
  return rows.length === 1;
}

/** Removes a job that is done. */
export async function completeJob(query: Query, job: FetchedJob): Promise<void> {
  await sql`
    with done as (
      delete from ${jobs} where ${isStill(job)} returning job_queue_id
    )
    ${releaseQueueOf('done', job)}`.execute(query);
}

function releaseQueueOf(source: 'done' | 'over' | 'failed', job: FetchedJob) {
  const ended = sql.raw(source);
  return sql`
    update ${queues} as q set locked_by = null, locked_at = null
    from ${ended} where q.id = ${ended}.job_queue_id and q.locked_by = ${job.lockedBy}`;
}

/** How a job goes on that is not over. */
export interface NextRun {
  readonly afterMs: number;
  /** Attempts to count from now on: 0 after a success, the attempt's number after an error. */
  readonly attempts: number;
  readonly error: string | null;
}

/**
 * Lets the job run again later. Where its key was added anew meanwhile, that newer job stands in for it and
 * this one is removed (graphile marks it by taking its key away).
 */
export async function rescheduleJob(query: Query, job: FetchedJob, next: NextRun): Promise<void> {
  await sql`
    with superseded as (
      delete from ${jobs}
      where ${isStill(job)} and ${job.key}::text is not null and key is null
      returning job_queue_id
    ), again as (
      update ${jobs} set
        run_at = now() + ${next.afterMs}::double precision * interval '1 millisecond',
        attempts = ${next.attempts}, last_error = ${next.error},
        locked_by = null, locked_at = null, updated_at = now()
      where ${isStill(job)} and (${job.key}::text is null or key is not null)
      returning job_queue_id
    ), over as (select * from superseded union all select * from again)
    ${releaseQueueOf('over', job)}`.execute(query);
}

/** Marks the job failed for good. The row stays for some days, for whoever looks into it. */
export async function failJob(query: Query, job: FetchedJob, error: string): Promise<void> {
  await sql`
    with failed as (
      update ${jobs} set
        attempts = max_attempts, last_error = ${error}, locked_by = null, locked_at = null, updated_at = now()
      where ${isStill(job)}
      returning job_queue_id
    )
    ${releaseQueueOf('failed', job)}`.execute(query);
}

/** Gives a worker's jobs back as if they had not been fetched, except those it still runs. */
export async function releaseJobs(
  query: Query,
  worker: string,
  runningIds: readonly number[],
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with released as (
      update ${jobs} set locked_by = null, locked_at = null, attempts = greatest(attempts - 1, 0)
      where locked_by = ${worker} and id <> all(${runningIds}::bigint[])
      returning id, job_queue_id
    ), freed as (
      update ${queues} as q set locked_by = null, locked_at = null
      from released where q.id = released.job_queue_id and q.locked_by = ${worker}
    )
    select id from released`.execute(query);
  return rows.length;
}

/**
 * Frees the jobs of workers that are no more. A row that somebody holds locked (a dead worker's transaction
 * that the server has not yet broken off) is left for the next time.
 *
 * @returns how many were freed
 */
export async function freeOrphanedJobs(query: Query): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with orphan as (
      select id from ${jobs} j
      where j.locked_by is not null and not exists (select from store_workers w where w.id = j.locked_by)
        and j.attempts < j.max_attempts
      for update skip locked
    )
    update ${jobs} as j set locked_by = null, locked_at = null from orphan where j.id = orphan.id
    returning j.id`.execute(query);
  // A queue stays locked as long as a job in it is.
  await sql`
    with orphan as (
      select id from ${queues} q
      where q.locked_by is not null and not exists (select from store_workers w where w.id = q.locked_by)
        and not exists (
          select from ${jobs} j where j.job_queue_id = q.id and j.locked_by = q.locked_by
        )
      for no key update skip locked
    )
    update ${queues} as q set locked_by = null, locked_at = null from orphan where q.id = orphan.id`.execute(
    query,
  );
  return rows.length;
}

/** Takes over jobs whose last attempt died with its worker, to fail them in order. */
export async function adoptExhaustedJobs(
  query: Query,
  worker: string,
  taskIds: readonly number[],
): Promise<readonly FetchedJob[]> {
  const { rows } = await sql<FetchedJob>`
    with orphan as (
      select id, job_queue_id from ${jobs} j
      where j.locked_by is not null and not exists (select from store_workers w where w.id = j.locked_by)
        and j.attempts >= j.max_attempts and j.task_id = any(${taskIds}::int[])
      for update skip locked
    ), queue as (
      update ${queues} as q set locked_by = ${worker} from orphan where q.id = orphan.job_queue_id
    )
    update ${jobs} as j set locked_by = ${worker}, locked_at = now() from orphan where j.id = orphan.id
    returning ${fetchedColumns}`.execute(query);
  return rows;
}

/** Sweeps away jobs that failed more than `days` ago and named queues without jobs. */
export async function sweepQueue(query: Kysely<Database>, days: number): Promise<void> {
  await sql`
    delete from ${jobs}
    where attempts >= max_attempts and locked_by is null
      and updated_at < now() - ${days}::integer * interval '1 day'`.execute(query);
  // Two statements: only the second one's snapshot surely shows a job that was added before the lock was ours.
  await query.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`
      select id from ${queues} q
      where q.locked_by is null and not exists (select from ${jobs} j where j.job_queue_id = q.id)
      limit 1000
      for update skip locked`.execute(trx);
    const ids = rows.map((row) => row.id);
    await sql`
      delete from ${queues} as q
      where q.id = any(${ids}::int[]) and not exists (select from ${jobs} j where j.job_queue_id = q.id)`.execute(
      trx,
    );
  });
}

/** How many jobs of a name there are, by state. */
export interface JobCounts {
  readonly name: string;
  /** Due and not yet begun. */
  readonly waiting: number;
  /** Not due yet: later on, or waiting to be tried again. */
  readonly later: number;
  readonly running: number;
  readonly failed: number;
}

/** Counts for metrics. It reads all jobs: once per scrape, not per request. */
export async function countJobs(query: Query): Promise<readonly JobCounts[]> {
  const { rows } = await sql<JobCounts>`
    select t.identifier as name,
      count(*) filter (where j.is_available and j.run_at <= now()) as waiting,
      count(*) filter (where j.is_available and j.run_at > now()) as later,
      count(*) filter (where j.locked_by is not null) as running,
      count(*) filter (where j.locked_by is null and j.attempts >= j.max_attempts) as failed
    from ${jobs} j join ${tasks} t on t.id = j.task_id
    group by t.identifier order by t.identifier`.execute(query);
  return rows;
}
