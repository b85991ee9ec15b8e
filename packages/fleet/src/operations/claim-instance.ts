import { LongshoreError } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import '../instances/instances-table.ts';

/**
 * Reserves an instance for an operation until that ends. Never waits for another operation.
 *
 * @throws LongshoreError `busy` with the operation that has it, `not-found`
 */
export async function claimInstance(
  trx: Transaction<Database>,
  instanceId: string,
  operationId: string,
): Promise<void> {
  const claimed = await trx
    .updateTable('instances')
    .set({ operation_id: operationId })
    .where('id', '=', instanceId)
    .where((where) => where.or([where('operation_id', 'is', null), where('operation_id', '=', operationId)]))
    .returning('id')
    .executeTakeFirst();
  if (claimed !== undefined) return;
  const holder = await trx
    .selectFrom('instances')
    .leftJoin('operations', 'operations.id', 'instances.operation_id')
    .select(['instances.name', 'operations.id as operation', 'operations.action', 'operations.status'])
    .where('instances.id', '=', instanceId)
    .executeTakeFirst();
  if (holder === undefined) throw new LongshoreError('not-found', `There is no instance ${instanceId}.`);
  throw new LongshoreError(
    'busy',
    `The instance ${holder.name} has an unfinished operation: ${holder.action} (${holder.status}), ${holder.operation}.`,
    { hint: 'Wait for that operation to end, or cancel it.' },
  );
}
