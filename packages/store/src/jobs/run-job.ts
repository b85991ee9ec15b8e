import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../connect-store.ts';
import { messageOf, StoreError, systemCodeOf } from '../store-error.ts';
import type { JobDefinition, JobFailure, JobHandler, JobResult } from './job-handler.ts';
import { completeJob, type FetchedJob, failJob, lockOwnJob, rescheduleJob } from './job-statements.ts';
import { TerminalError } from './terminal-error.ts';

/** What running one job needs. */
export interface JobContext {
  readonly store: Store;
  readonly name: string;
  readonly definition: JobDefinition;
  readonly signal: AbortSignal;
  /** Uniform in [0, 1), for the jitter of back-offs. */
  readonly random: () => number;
}

type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'retry'; readonly error: unknown }
  | { readonly kind: 'failed'; readonly failure: JobFailure }
  | { readonly kind: 'lost' };

const firstBackoffMs = 1000;
const longestBackoffMs = 300_000;
const settlePauseMs = 200;

/** Milliseconds until the next attempt: 1 s doubled each time, at most 5 min, and up to a fifth less by chance. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.min(firstBackoffMs * 2 ** (attempt - 1), longestBackoffMs) * (1 - random() / 5);
}

/** Runs one fetched job and records how it went. Resolves with whether it went well. Never rejects. */
export async function runJob(context: JobContext, job: FetchedJob): Promise<Outcome['kind']> {
  const outcome = await runHandler(context, job);
  await settle(context, job, outcome);
  return outcome.kind;
}

/** Records the end of a job whose worker died in its last attempt. Never rejects. */
export async function failExhausted(context: JobContext, job: FetchedJob): Promise<void> {
  const message = `The worker ended in the last of ${job.maxAttempts} attempts.`;
  await settle(context, job, { kind: 'failed', failure: { code: 'worker_lost', message } });
}

async function runHandler(context: JobContext, job: FetchedJob): Promise<Outcome> {
  const { name, definition, signal } = context;
  const handler: JobHandler = typeof definition === 'function' ? definition : definition.run;
  const fence = {
    check: async (trx: Parameters<typeof lockOwnJob>[0]) => {
      if (await lockOwnJob(trx, job)) return;
      throw new StoreError(
        'job_fence_lost',
        `Job ${name} (${job.id}) was given to another worker meanwhile.`,
      );
    },
  };
  const run = {
    jobId: job.id,
    name,
    key: job.key,
    attempt: job.attempts,
    maxAttempts: job.maxAttempts,
    signal,
    fence,
  };
  try {
    return asOutcome(await handler(job.payload, run));
  } catch (error) {
    if (error instanceof StoreError && error.code === 'job_fence_lost') return { kind: 'lost' };
    const failure = { code: systemCodeOf(error), message: messageOf(error) };
    if (error instanceof TerminalError) return { kind: 'failed', failure };
    // What was broken off by us is no fault of the job: it is given back with the worker's others.
    if (signal.aborted) return { kind: 'lost' };
    return job.attempts >= job.maxAttempts ? { kind: 'failed', failure } : { kind: 'retry', error };
  }
}

function asOutcome(result: JobResult): Outcome {
  return result === 'done' ? { kind: 'done' } : { kind: 'again', afterMs: result.againAfterMs };
}

/** Writes the outcome, however often the database is away; until the job is not ours any more. */
async function settle(context: JobContext, job: FetchedJob, outcome: Outcome): Promise<void> {
  const { store, name, signal } = context;
  const fields = { job: name, jobId: job.id, attempt: job.attempts };
  for (;;) {
    try {
      await record(context, job, outcome);
      return;
    } catch (error) {
      store.log.warn(
        { ...fields, error: messageOf(error) },
        'the outcome of a job could not be recorded yet',
      );
    }
    if (signal.aborted) return; // others run it again
    await delay(settlePauseMs);
  }
}

async function record(context: JobContext, job: FetchedJob, outcome: Outcome): Promise<void> {
  const { store, name } = context;
  const fields = { job: name, jobId: job.id, attempt: job.attempts };
  switch (outcome.kind) {
    case 'done':
      return completeJob(store.db, job);
    case 'again':
      return rescheduleJob(store.db, job, { afterMs: outcome.afterMs, attempts: 0, error: null });
    case 'retry': {
      const afterMs = backoffMs(job.attempts, context.random);
      const error = messageOf(outcome.error);
      await rescheduleJob(store.db, job, { afterMs, attempts: job.attempts, error });
      store.log.warn(
        { ...fields, error, againInMs: Math.round(afterMs) },
        'a job failed and will be tried again',
      );
      return;
    }
    case 'failed':
      await fail(context, job, outcome.failure);
      store.log.error({ ...fields, ...outcome.failure }, 'a job failed for good');
      return;
    case 'lost':
      store.log.warn(fields, 'a job was broken off; it will run elsewhere');
      return;
  }
}

async function fail(context: JobContext, job: FetchedJob, failure: JobFailure): Promise<void> {
  const { store, definition } = context;
  const failed = typeof definition === 'function' ? undefined : definition.failed;
  await store.transaction(async (trx) => {
    if (!(await lockOwnJob(trx, job))) return;
    await failed?.(trx, job.payload, failure);
    await failJob(trx, job, failure.message);
  });
}
