import type { InstanceType } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import './instances-table.ts';

/** An instance that an operation is going to make. */
export type PendingInstance = Readonly<{
  id: string;
  name: string;
  type: InstanceType;
  hostId: string;
  lxdProject: string;
  operationId: string;
  createdBy: string;
  placementReason: string;
  labels: Readonly<Record<string, string>>;
  protected?: boolean;
  description?: string;
  /** What was asked for, shown until the host says what there is. */
  config?: Readonly<Record<string, string>>;
  image?: string;
}>;

/**
 * Makes the row of an instance that is still to be made: claimed, `pending`, and reserved for its operation. Its name
 * must have been reserved in the same transaction.
 */
export async function insertPendingInstance(
  trx: Transaction<Database>,
  instance: PendingInstance,
): Promise<void> {
  await trx
    .insertInto('instances')
    .values({
      id: instance.id,
      host_id: instance.hostId,
      lxd_project: instance.lxdProject,
      name: instance.name,
      type: instance.type,
      claimed: true,
      protected: instance.protected ?? false,
      labels: JSON.stringify(instance.labels),
      placement_reason: instance.placementReason,
      created_by: instance.createdBy,
      operation_id: instance.operationId,
      status: 'pending',
      description: instance.description ?? '',
      config: JSON.stringify(instance.config ?? {}),
      image: instance.image ?? null,
    })
    .execute();
}
