import type { Database, Transaction } from '@longshore/store';
import '../instances/instances-table.ts';

/**
 * Gives back the instances that an operation had reserved; part of the transaction that ends it. What they take of
 * quotas is from now on what their hosts show.
 */
export async function releaseInstances(trx: Transaction<Database>, operationId: string): Promise<void> {
  await trx
    .updateTable('instances')
    .set({ operation_id: null, asked_config: null, asked_disk: null })
    .where('operation_id', '=', operationId)
    .execute();
}
