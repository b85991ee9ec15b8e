import { setTimeout as pause } from 'node:timers/promises';
import { LongshoreError, type Operation } from '@longshore/contract';
import type { Run } from '../run.ts';

/** The server answers at the end of the operation, or after this time with its progress. */
const PROGRESS_SECONDS = 1;
/** A server that restarts is back by then; its operations go on, so waiting on is right. */
const OUTAGE_LIMIT_MS = 60_000;
const RETRY_MS = 1000;

/**
 * Waits until an operation has ended, telling progress about once a second. Outlives a restart of the server.
 * @throws LongshoreError when the API refuses, or stays away for a minute; the reason of `signal`
 */
export async function watchOperation(
  run: Run,
  id: string,
  signal: AbortSignal,
  onProgress: (operation: Operation) => void,
): Promise<Operation> {
  let awayTries = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const query = { waitSeconds: PROGRESS_SECONDS };
      const { value } = await run.call('getOperation', { params: { id }, query, signal });
      awayTries = 0;
      onProgress(value);
      if (value.endedAt !== null) return value;
    } catch (error) {
      signal.throwIfAborted();
      const away =
        error instanceof LongshoreError && ['unavailable', 'too-many-requests'].includes(error.code);
      awayTries += 1;
      if (!away || awayTries * RETRY_MS > OUTAGE_LIMIT_MS) throw error;
      await pause(RETRY_MS, undefined, { signal });
    }
  }
}
