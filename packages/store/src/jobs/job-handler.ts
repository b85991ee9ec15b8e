import type { Transaction } from 'kysely';
import type { Database } from '../index.ts';

/**
 * Proof that a job is still ours. A worker that was paused or cut off for ten seconds loses its jobs to others;
 * when it comes back, the check keeps it from writing.
 */
export interface Fence {
  /**
   * Call it first in each transaction that writes on behalf of the job. It holds the job until that transaction
   * ends, so nobody can take it over in between.
   *
   * @throws StoreError `job_fence_lost`
   */
  check(trx: Transaction<Database>): Promise<void>;
}

/** What a handler is told besides the payload. */
export interface JobRun {
  readonly jobId: number;
  readonly name: string;
  readonly key: string | null;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Aborts when the worker stops or has lost the job: leave off as soon as possible, by throwing or returning. */
  readonly signal: AbortSignal;
  readonly fence: Fence;
}

/** `done`, or not yet: run it again after some time, which is no failure and counts no attempt. */
export type JobResult = 'done' | { readonly againAfterMs: number };

/**
 * Does one job. It may run twice, also when it succeeded the first time. Throw to have it tried again with
 * back-off, {@link TerminalError} where that cannot help.
 */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<JobResult>;

/** Why a job has failed for good. */
export interface JobFailure {
  /** The thrown error's code where it had one; `worker_lost` when its worker died in the last attempt. */
  readonly code: string | undefined;
  readonly message: string;
}

/** A handler, or one with what is to be written when the job has failed for good. */
export type JobDefinition =
  | JobHandler
  | {
      readonly run: JobHandler;
      /** Runs in the transaction that marks the job failed: whatever happens, it is called and kept, once. */
      readonly failed: (trx: Transaction<Database>, payload: unknown, failure: JobFailure) => Promise<void>;
    };
