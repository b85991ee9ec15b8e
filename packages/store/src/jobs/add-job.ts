import { sql } from 'kysely';
import type { Query } from '../connect-store.ts';
import { messageOf, StoreError } from '../store-error.ts';

/** How a job is to be run. */
export interface JobOptions {
  /** Jobs of one queue run one after the other, fleet-wide. */
  readonly queue?: string;
  /**
   * At most one waiting job has this key: adding it again replaces what waits (and lets it run now). While
   * one with the key runs, a second is added behind it, since the world may have changed under the first.
   * Give it a queue as well where the two must not overlap.
   */
  readonly key?: string;
  /** Not before this time by the database's clock. Prefer `afterMs`, which no wrong local clock can spoil. */
  readonly runAt?: Date;
  /** Not before this many milliseconds from now. */
  readonly afterMs?: number;
  /** How often it is tried before it has failed for good. Default 25, which is about an hour and a half. */
  readonly maxAttempts?: number;
  /** Lower runs sooner. Default 0. */
  readonly priority?: number;
}

/**
 * Adds a job. In the transaction it is given: the job exists once that commits, and then wakes a worker.
 *
 * @param payload plain JSON; send keys rather than data, for it may run much later
 * @returns the job's id
 * @throws StoreError `job_payload_invalid`
 */
export async function addJob(
  query: Query,
  name: string,
  payload: unknown,
  options: JobOptions = {},
): Promise<number> {
  const { queue = null, key = null, maxAttempts = null, priority = null } = options;
  const runAt =
    options.afterMs === undefined
      ? sql`${options.runAt ?? null}::timestamptz`
      : sql`now() + ${options.afterMs}::double precision * interval '1 millisecond'`;
  const { rows } = await sql<{ id: number }>`
    select store_add_job(
      ${name}, ${asJson(name, payload)}::json, ${queue}, ${key}, ${runAt}, ${maxAttempts}::integer, ${priority}::integer
    ) as id`.execute(query);
  return rows[0]?.id ?? 0;
}

function asJson(name: string, payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload ?? {});
  } catch (error) {
    throw new StoreError(
      'job_payload_invalid',
      `The payload of job ${name} is no JSON: ${messageOf(error)}.`,
    );
  }
  // NUL is legal in JSON and impossible in PostgreSQL's text; it would fail much later, inside a handler.
  if (text === undefined || text.includes('\\u0000')) {
    throw new StoreError('job_payload_invalid', `The payload of job ${name} cannot be stored as JSON.`);
  }
  return text;
}

/** Removes a waiting job by its key. One that runs already runs to its end, and not again. */
export async function removeJob(query: Query, key: string): Promise<void> {
  await sql`select graphile_worker.remove_job(${key})`.execute(query);
}
