import { failureOf, LongshoreError, OperationAction } from '@longshore/contract';
import type { Database, Selectable, Transaction } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import { secretsContext } from './accept.ts';
import { cancelledError, isCancel } from './cancelled-error.ts';
import { AgainAfter, type AnyOperationHandler, type RunningOperation, type RunOutcome } from './handler.ts';
import { createJournal } from './journal.ts';
import { type Ending, type Fence, operationRows } from './operation-rows.ts';
import type { OperationsTable } from './operations-table.ts';
import { retryDelayMs } from './retry-policy.ts';
import { tracedRun } from './traced-run.ts';

/** What one run needs besides its row. */
export type RunSetting = Readonly<{
  context: FleetContext;
  handlers: ReadonlyMap<string, AnyOperationHandler>;
  fence: Fence;
  /** Fires when a person asked to cancel. */
  cancel: AbortController;
  /** Fires when the job was lost or the process stops. */
  lifetime: AbortSignal;
}>;

/** What the job does next: nothing more, or runs again. */
export type JobOutcome = 'done' | { readonly againAfterMs: number };

/**
 * One run of an operation: begins it, lets its handler work, and ends it or arranges for the next run. Throws when
 * the run was broken off (job lost, process stopping, no database): nothing was decided, and another run goes on.
 */
export async function runOperation(id: string, setting: RunSetting): Promise<JobOutcome> {
  const { context, fence, cancel, lifetime } = setting;
  const rows = operationRows(context.store, id, fence);
  const row = await rows.begin();
  if (row === undefined) return 'done';
  if (row.status === 'cancelling') cancel.abort(cancelledError());
  const hostName = row.host_name ?? 'the host';
  const journal = createJournal({
    steps: row.steps,
    progress: row.progress,
    clock: context.clock,
    explain: (error) => translateLxdError(error, hostName).message,
    write: rows.writeJournal,
    onWriteFailed: (error) =>
      context.log.debug(
        { operation: id, err: error },
        'steps could not be written; they go along with the next ones',
      ),
  });
  const endings: ((trx: Transaction<Database>, cause: unknown) => Promise<void>)[] = [];

  const conclude = (error: unknown): Exclude<Ending, { event: 'succeed' }> => {
    if (isCancel(error, cancel.signal)) return { event: 'stop', failure: failureOf(cancelledError()) };
    const known = translateLxdError(error, hostName);
    const delayMs = retryDelayMs(known.code, row.failures, row.action);
    const failure = failureOf(known);
    return delayMs === undefined ? { event: 'fail', failure } : { event: 'retry', failure, delayMs };
  };

  const outcome = await attempt();
  await journal.close();
  if (outcome.kind === 'again') return { againAfterMs: await rows.pause(journal.state(), outcome.delayMs) };
  return rows.end(outcome.ending, journal.state(), async (trx) => {
    for (const ending of endings) await ending(trx, outcome.kind === 'failed' ? outcome.error : undefined);
  });

  async function attempt(): Promise<RunEnd> {
    try {
      const op = running();
      const handler = setting.handlers.get(op.action);
      if (handler === undefined) {
        throw new LongshoreError('internal', `This version of Longshore cannot do ${op.action}.`);
      }
      return endOf(await tracedRun(handler, op));
    } catch (error) {
      if (lifetime.aborted) {
        await journal.close();
        throw error;
      }
      const ending = conclude(error);
      report(error, ending);
      return { kind: 'failed', ending, error };
    }
  }

  function running(): RunningOperation<unknown> {
    if (row === undefined) throw new Error('an operation runs only after it has begun');
    const memory: Record<string, unknown> = z.record(z.string(), z.unknown()).parse(row.memory);
    return {
      id,
      action: OperationAction.parse(row.action),
      target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
      hostId: row.host_id,
      parentId: row.parent_id,
      input: row.input,
      secrets: openSecrets(context, row),
      requestedBy: row.requested_by,
      attempt: row.attempts,
      memory,
      remember: async (patch) => {
        await rows.remember(patch);
        Object.assign(memory, patch);
      },
      step: journal.step,
      note: journal.note,
      progress: journal.progress,
      signal: AbortSignal.any([cancel.signal, lifetime]),
      lifetime,
      throwIfCancelled: () => {
        lifetime.throwIfAborted();
        if (cancel.signal.aborted) throw cancelledError();
      },
      givesUp: (error) => !lifetime.aborted && conclude(error).event !== 'retry',
      transaction: rows.transaction,
      atEnd: (work) => {
        endings.push(work);
      },
      host: (hostId) => context.connections.client(hostId),
      context,
    };
  }

  function report(error: unknown, ending: Ending): void {
    if (ending.event === 'succeed') return;
    const about = { operation: id, action: row?.action, target: row?.target_name, code: ending.failure.code };
    if (ending.failure.code === 'internal')
      context.log.error({ ...about, err: error }, 'an operation failed');
    else context.log.info({ ...about, cause: ending.failure.message }, `operation: ${ending.event}`);
  }
}

type RunEnd =
  | { readonly kind: 'again'; readonly delayMs: number }
  | { readonly kind: 'done'; readonly ending: Ending }
  | { readonly kind: 'failed'; readonly ending: Ending; readonly error: unknown };

function endOf(outcome: RunOutcome): RunEnd {
  if (outcome instanceof AgainAfter) return { kind: 'again', delayMs: outcome.delayMs };
  return { kind: 'done', ending: { event: 'succeed', result: outcome ?? null } };
}

function openSecrets(context: FleetContext, row: Selectable<OperationsTable>): Record<string, string> {
  if (row.input_sealed === null) return {};
  const text = context.sealer.open(row.input_sealed, secretsContext(row.id));
  return z.record(z.string(), z.string()).parse(JSON.parse(text));
}
