import { LongshoreError } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import '../hosts/hosts-table.ts';
import './instances-table.ts';

/**
 * What is about to be done: `change` needs a host that is open; `stop` and `leave` (a move away) are allowed in
 * maintenance too; `delete` also on what is missing; `read` (an export, a copy) on what nobody has claimed.
 */
export type ChangePurpose = 'change' | 'stop' | 'leave' | 'delete' | 'read';

/** An instance as intents look at it. Its row stays locked until the transaction ends. */
export type InstanceForChange = Readonly<{
  id: string;
  name: string;
  type: 'container' | 'virtual-machine';
  lxdProject: string;
  status: string;
  protected: boolean;
  hostId: string;
  hostName: string;
  architecture: string | null;
  snapshots: unknown;
}>;

/**
 * The instance that an intent is about, after the checks that all changes share.
 *
 * @throws LongshoreError `not-found`; `conflict` (unclaimed, missing, host being removed); `host-in-maintenance`
 */
export async function instanceForChange(
  trx: Transaction<Database>,
  id: string,
  purpose: ChangePurpose,
): Promise<InstanceForChange> {
  const row = await trx
    .selectFrom('instances')
    .innerJoin('hosts', 'hosts.id', 'instances.host_id')
    .select([
      'instances.id',
      'instances.name',
      'instances.type',
      'instances.lxd_project as lxdProject',
      'instances.status',
      'instances.protected',
      'instances.claimed',
      'instances.architecture',
      'instances.snapshots',
      'hosts.id as hostId',
      'hosts.name as hostName',
      'hosts.maintenance',
      'hosts.removing',
    ])
    .where('instances.id', '=', id)
    .forNoKeyUpdate('instances')
    .executeTakeFirst();
  if (row === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
  const { claimed, maintenance, removing, ...instance } = row;
  const { name, hostName } = row;
  if (!claimed && purpose !== 'read') {
    throw new LongshoreError(
      'conflict',
      `The instance ${name} was found on host ${hostName} and nobody has claimed it.`,
      {
        hint: 'Claim it first; Longshore changes only what is its own.',
      },
    );
  }
  if (row.status === 'missing' && purpose !== 'delete') {
    throw new LongshoreError(
      'conflict',
      `The instance ${name} is missing: host ${hostName} does not have it any more.`,
      {
        hint: 'Find out what happened on the host; delete the instance here to forget it.',
      },
    );
  }
  if (removing)
    throw new LongshoreError('conflict', `Host ${hostName} of instance ${name} is being removed.`);
  const forgetting = purpose === 'delete' && row.status === 'missing';
  if (maintenance && !forgetting && (purpose === 'change' || purpose === 'delete')) {
    throw new LongshoreError(
      'host-in-maintenance',
      `Host ${hostName} of instance ${name} is in maintenance.`,
      {
        hint: 'End the maintenance, or move the instance to another host.',
      },
    );
  }
  return instance;
}
