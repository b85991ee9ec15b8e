import { failureOf, LongshoreError } from '@longshore/contract';
import { sql, wakeJobs } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, jobKeyOf, type Requester } from './accept.ts';
import { cancelledError } from './cancelled-error.ts';
import { OPERATION_COLUMNS, operationOf } from './operation-of-row.ts';
import { releaseInstances } from './release-instances.ts';
import { TRANSITIONS } from './transitions.ts';

/** Tells the process that runs an operation (payload: its identifier) to stop where that is safe. */
export const CANCEL_CHANNEL = 'operation_cancel';

/**
 * Asks an operation to stop. One that never ran is cancelled at once; a running one stops at its next safe point, or
 * finishes when it is past the last one. Cancelling twice is the same as once.
 *
 * @throws LongshoreError `not-found`; `conflict` when it has succeeded or failed
 */
export function cancelOperation(
  context: FleetContext,
  input: { readonly id: string },
  requester: Requester,
): Promise<Accepted> {
  const { id } = input;
  return context.store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('operations')
      .select(OPERATION_COLUMNS)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new LongshoreError('not-found', `There is no operation ${id}.`);
    if (row.status === 'cancelled') return { operation: operationOf(row) };
    const untouched = row.status === 'queued' && row.attempts === 0;
    const next = TRANSITIONS[row.status][untouched ? 'withdraw' : 'cancel'];
    if (next === null) {
      throw new LongshoreError(
        'conflict',
        `The operation ${row.action} on ${row.target_name} has ended: ${row.status}.`,
        {
          hint: 'What is done is not undone by a cancel.',
        },
      );
    }
    if (untouched) {
      // A row that was made only for this operation goes with it: nothing was asked of any host yet.
      await trx
        .deleteFrom('instances')
        .where('operation_id', '=', id)
        .where('status', '=', 'pending')
        .execute();
      await releaseInstances(trx, id);
    }
    const changed = await trx
      .updateTable('operations')
      .set({
        status: next,
        ...(untouched
          ? {
              failure: JSON.stringify(failureOf(cancelledError())),
              input_sealed: null,
              ended_at: sql<Date>`now()`,
            }
          : {}),
      })
      .where('id', '=', id)
      .returning(OPERATION_COLUMNS)
      .executeTakeFirstOrThrow();
    if (!untouched) {
      await wakeJobs(trx, [jobKeyOf(id)]);
      await context.store.notify(CANCEL_CHANNEL, id, trx);
    }
    const target = { kind: row.target_kind, id: row.target_id, name: row.target_name };
    await requester.witness?.(trx, { target, operationId: id });
    context.log.info({ operation: id, action: row.action, by: requester.name, status: next }, 'cancel asked');
    return { operation: operationOf(changed) };
  });
}
