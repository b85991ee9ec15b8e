import { InstanceName, LongshoreError, LxdProject } from '@longshore/contract';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { instanceForChange } from './instance-for-change.ts';
import { isOwn, lookAt, ownInstanceOrFail, readOwnOrFail } from './own-instance.ts';
import { reserveName } from './reserve-name.ts';

/** `lxdProject` is there for {@link reserveName}, which looks into the input of unfinished renames. */
const RenameInput = z.object({ name: InstanceName, lxdProject: LxdProject });

/**
 * Accepts a new name. The new name is taken from now on, the old one until the operation ends.
 *
 * @throws LongshoreError `name-taken`, `conflict` (running), `busy`, and what {@link instanceForChange} refuses
 */
export function renameInstance(
  context: FleetContext,
  input: { readonly id: string; readonly name: string },
  requester: Requester,
): Promise<Accepted> {
  const { id, name } = input;
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'change');
    if (instance.status === 'running' || instance.status === 'frozen') throw runningError(instance.name);
    const { hostId, lxdProject } = instance;
    await reserveName(trx, { name, lxdProject, hostId, instanceId: id });
    const operation = await accept(context, trx, {
      action: 'instance.rename',
      target: { kind: 'instance', id, name: instance.name },
      hostId,
      input: { name, lxdProject },
      requester,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/** Renames a stopped instance on its host, then its row. */
export const renameHandler = defineHandler({
  action: 'instance.rename',
  input: RenameInput,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    const { name } = op.input;
    const { lxdProject: project } = row;
    if (op.attempt > 1) await settleHostWork(client, project, row.name, op.signal);
    const renamed = row.name === name ? undefined : await lookAt(client, project, name, op.signal);
    if (row.name !== name && !(renamed !== undefined && isOwn(row, renamed.value))) {
      const { value: seen } = await readOwnOrFail(client, row, op.signal);
      if (statusOf(seen.status_code) !== 'stopped') throw runningError(row.name);
      op.throwIfCancelled();
      const options = { project, signal: op.lifetime };
      await op.step('rename', () =>
        hostWork(client, client.instances.rename(row.name, name, options), options),
      );
    }
    await op.transaction((trx) =>
      trx.updateTable('instances').set({ name }).where('id', '=', row.id).execute(),
    );
    await refreshInstance(op.context, row.hostId, project, name);
    return undefined;
  },
});

function runningError(name: string): LongshoreError {
  return new LongshoreError(
    'conflict',
    `The instance ${name} is running; only a stopped one can be renamed.`,
    {
      hint: 'Stop it first.',
    },
  );
}
