import type { Database, Transaction } from '@longshore/store';
import '../instances/instances-table.ts';

/** Gives back the instances that an operation had reserved; part of the transaction that ends it. */
export async function releaseInstances(trx: Transaction<Database>, operationId: string): Promise<void> {
  await trx
    .updateTable('instances')
    .set({ operation_id: null })
    .where('operation_id', '=', operationId)
    .execute();
}
