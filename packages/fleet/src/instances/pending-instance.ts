import type { InstanceType } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import { enforceQuota, type LockedProject } from '../projects/quotas.ts';
import { limitsAmong } from './creation-config.ts';
import './instances-table.ts';

/** A new instance's place in a project, and what it takes of the quotas there. */
export type Membership = Readonly<{
  /** Locked; null: it belongs to none. */
  project: LockedProject | null;
  expiresAt: Date | null;
  /** `limits.*` among it count. */
  config: Readonly<Record<string, string>>;
  /** Size of the root disk; null: no limit. */
  disk: string | null;
}>;

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
  /** Where it belongs and when it ends. */
  membership: Membership;
  protected?: boolean;
  description?: string;
  /** What was asked for, shown until the host says what there is. */
  config?: Readonly<Record<string, string>>;
  image?: string;
}>;

/**
 * Makes the row of an instance that is still to be made: claimed, `pending`, and reserved for its operation. Its name
 * must have been reserved in the same transaction.
 *
 * @throws LongshoreError `quota-exceeded`, `limit-required`
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
      project_id: instance.membership.project?.id ?? null,
      expires_at: instance.membership.expiresAt,
      asked_config: JSON.stringify(limitsAmong(instance.membership.config)),
      asked_disk: instance.membership.disk,
      created_by: instance.createdBy,
      operation_id: instance.operationId,
      status: 'pending',
      description: instance.description ?? '',
      config: JSON.stringify(instance.config ?? {}),
      image: instance.image ?? null,
    })
    .execute();
  const { project } = instance.membership;
  if (project !== null) await enforceQuota(trx, project.id, instance.id, null);
}
