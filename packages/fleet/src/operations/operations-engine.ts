import type { JobHandler, Listening } from '@longshore/store';
import { wakeJobs } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { jobKeyOf } from './accept.ts';
import { CANCEL_CHANNEL } from './cancel-operation.ts';
import { cancelledError } from './cancelled-error.ts';
import type { AnyOperationHandler } from './handler.ts';
import { pruneOperations } from './prune-operations.ts';
import { runOperation } from './run-operation.ts';

/** Runs operations in this process. */
export type OperationsEngine = Readonly<{
  /** For the job queue, under the name `OPERATION_JOB`. */
  job: JobHandler;
  /** Begins to hear of cancels, and to prune. */
  start(): Promise<void>;
  stop(): void;
}>;

const Payload = z.object({ id: z.uuid() });
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Puts the handlers of all actions behind one kind of job.
 *
 * @param options.keepDays how long ended operations are kept; default 30
 */
export function createOperationsEngine(
  context: FleetContext,
  handlers: readonly AnyOperationHandler[],
  options: { readonly keepDays?: number } = {},
): OperationsEngine {
  const byAction = new Map(handlers.map((handler) => [String(handler.action), handler]));
  if (byAction.size !== handlers.length) throw new Error('two handlers have the same action');
  const running = new Map<string, AbortController>();
  let listening: Listening | undefined;
  let pruning: NodeJS.Timeout | undefined;

  const cancel = async (id: string): Promise<void> => {
    const here = running.get(id);
    if (here !== undefined) here.abort(cancelledError());
    // Between two runs, at the moment of the cancel: it need not wait for the pause to end.
    else await wakeJobs(context.store.db, [jobKeyOf(id)]);
  };

  /** After a gap in the notifications: which of ours are to be cancelled? */
  const lookForCancels = async (): Promise<void> => {
    if (running.size === 0) return;
    const rows = await context.store.db
      .selectFrom('operations')
      .select('id')
      .where('status', '=', 'cancelling')
      .where('id', 'in', [...running.keys()])
      .execute();
    for (const { id } of rows) running.get(id)?.abort(cancelledError());
  };

  const inBackground = (work: Promise<unknown>, what: string): void => {
    work.catch((error: unknown) => context.log.warn({ err: error }, what));
  };

  const prune = (): void =>
    inBackground(pruneOperations(context.store, options.keepDays ?? 30), 'pruning failed');

  return {
    job: async (payload, run) => {
      const { id } = Payload.parse(payload);
      const controller = new AbortController();
      running.set(id, controller);
      try {
        return await runOperation(id, {
          context,
          handlers: byAction,
          fence: run.fence,
          cancel: controller,
          lifetime: run.signal,
        });
      } finally {
        running.delete(id);
      }
    },
    start: async () => {
      listening = await context.store.listen(CANCEL_CHANNEL, {
        onNotify: (id) => inBackground(cancel(id), 'a cancel could not be passed on'),
        onReconnect: () => inBackground(lookForCancels(), 'cancels could not be looked for'),
      });
      prune();
      pruning = setInterval(prune, PRUNE_EVERY_MS);
      pruning.unref();
    },
    stop: () => {
      listening?.stop();
      clearInterval(pruning);
    },
  };
}
