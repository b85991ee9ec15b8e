import { LongshoreError } from '@longshore/contract';
import type { RunningOperation } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { isOwn, lookAt, type OwnInstance } from './own-instance.ts';
import { forceStop } from './start-stop.ts';

/**
 * Takes back what an operation made on a host before it failed or was cancelled, and its row with it. Only what bears
 * our mark for this row is removed. When the host does not answer, the row stays with status `error`, for a person to
 * delete once the host is back.
 */
export async function removeHalfMade(op: RunningOperation<unknown>, row: OwnInstance): Promise<void> {
  try {
    await op.step('clean up', () => removeFromHost(op, row));
  } catch (error) {
    // Not the cause that the person should see: the operation ends with the first error, its steps tell of this one.
    op.context.log.warn(
      { operation: op.id, instance: row.name, err: error },
      'a half-made instance may be left',
    );
    op.atEnd(async (trx) => {
      await trx.updateTable('instances').set({ status: 'error' }).where('id', '=', row.id).execute();
    });
    return;
  }
  op.atEnd(async (trx) => {
    await trx.deleteFrom('instances').where('id', '=', row.id).execute();
  });
}

async function removeFromHost(op: RunningOperation<unknown>, row: OwnInstance): Promise<void> {
  const { client } = await op.host(row.hostId);
  const { name, lxdProject: project } = row;
  const signal = op.lifetime;
  await settleHostWork(client, project, name, signal);
  const seen = await lookAt(client, project, name, signal);
  if (seen === undefined || !isOwn(row, seen.value)) return;
  if (statusOf(seen.value.status_code) !== 'stopped') await forceStop(client, row, { signal });
  if ((await lookAt(client, project, name, signal)) === undefined) return; // ephemeral
  await hostWork(client, client.instances.delete(name, { project, signal }), { signal });
  if ((await lookAt(client, project, name, signal)) !== undefined) {
    throw new LongshoreError('host-failed', `The host still has the instance ${name} after it was deleted.`);
  }
}
