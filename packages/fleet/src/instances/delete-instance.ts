import { LongshoreError } from '@longshore/contract';
import type { LxdClient } from '@longshore/lxd';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { instanceForChange } from './instance-for-change.ts';
import { isOwn, lookAt, type OwnInstance, ownInstance, readOwn } from './own-instance.ts';
import { forceStop } from './start-stop.ts';

const DeletionInput = z.object({ force: z.boolean() });

/**
 * Accepts a deletion. A running instance needs `force`; a missing one is forgotten.
 *
 * @throws LongshoreError `protected`, `conflict` (running), `busy`, and what {@link instanceForChange} refuses
 */
export function deleteInstance(
  context: FleetContext,
  input: { readonly id: string; readonly force: boolean },
  requester: Requester,
  parentId?: string,
): Promise<Accepted> {
  const { id, force } = input;
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'delete');
    if (instance.protected) throw protectedError(instance.name);
    if (!force && (instance.status === 'running' || instance.status === 'frozen'))
      throw runningError(instance.name);
    const operation = await accept(context, trx, {
      action: 'instance.delete',
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input: { force },
      requester,
      parentId,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/** Deletes an instance on its host, if it is ours, and then its row. */
export const deleteHandler = defineHandler({
  action: 'instance.delete',
  input: DeletionInput,
  run: async (op) => {
    const row = await ownInstance(op.context, op.target.id);
    if (row === undefined) return undefined;
    if (row.protected) throw protectedError(row.name);
    op.throwIfCancelled();
    await op.step('delete', () => removeFromHost(op, row));
    op.atEnd(async (trx, cause) => {
      if (cause === undefined) await trx.deleteFrom('instances').where('id', '=', row.id).execute();
    });
    return undefined;
  },
});

async function removeFromHost(
  op: RunningOperation<z.infer<typeof DeletionInput>>,
  row: OwnInstance,
): Promise<void> {
  const client = await clientOf(op, row);
  if (client === undefined) return op.note('its host does not answer; the missing instance is forgotten');
  const { name, lxdProject: project } = row;
  const signal = op.lifetime;
  if (op.attempt > 1) await settleHostWork(client, project, name, signal);
  const seen = await find(client, row, signal);
  if (seen === undefined) return op.note('its host has no such instance; it is forgotten');
  if (statusOf(seen.status_code) !== 'stopped') {
    if (!op.input.force) throw runningError(name);
    await forceStop(client, row, { signal });
    if ((await lookAt(client, project, name, signal)) === undefined) return; // ephemeral
  }
  await hostWork(client, client.instances.delete(name, { project, signal }), { signal });
}

/** A missing instance can be forgotten without its host. */
async function clientOf(op: RunningOperation<unknown>, row: OwnInstance): Promise<LxdClient | undefined> {
  try {
    return (await op.host(row.hostId)).client;
  } catch (error) {
    const unreachable =
      error instanceof LongshoreError &&
      (error.code === 'host-unreachable' || error.code === 'host-quarantined');
    if (row.status === 'missing' && unreachable) return undefined;
    throw error;
  }
}

/** What there is to delete. Another instance that took a missing or never made one's name is left alone. */
async function find(client: LxdClient, row: OwnInstance, signal: AbortSignal) {
  if (row.status !== 'missing' && row.observedAt !== null) return (await readOwn(client, row, signal))?.value;
  const seen = await lookAt(client, row.lxdProject, row.name, signal);
  return seen !== undefined && isOwn(row, seen.value) ? seen.value : undefined;
}

function protectedError(name: string): LongshoreError {
  return new LongshoreError('protected', `The instance ${name} is protected against deletion.`, {
    hint: 'Take the protection away first.',
  });
}

function runningError(name: string): LongshoreError {
  return new LongshoreError('conflict', `The instance ${name} is running.`, {
    hint: 'Stop it first, or delete it with --force.',
  });
}
