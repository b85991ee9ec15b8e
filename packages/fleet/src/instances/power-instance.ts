import { type PowerAction, PowerAction as PowerInput } from '@longshore/contract';
import type { Instance } from '@longshore/lxd';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { instanceForChange } from './instance-for-change.ts';
import { type OwnInstance, ownInstanceOrFail, readOwnOrFail } from './own-instance.ts';
import { forceStop, gracefulStop, startInstance } from './start-stop.ts';

/**
 * Accepts a power action.
 *
 * @throws LongshoreError `busy`, and what {@link instanceForChange} refuses
 */
export function powerInstance(
  context: FleetContext,
  input: { readonly id: string } & PowerAction,
  requester: Requester,
  parentId?: string,
): Promise<Accepted> {
  const { id, ...power } = input;
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, power.action === 'stop' ? 'stop' : 'change');
    const operation = await accept(context, trx, {
      action: 'instance.power',
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input: power,
      requester,
      parentId,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/** Brings an instance into the asked-for state; does nothing when it is there already. */
export const powerHandler = defineHandler({
  action: 'instance.power',
  input: PowerInput,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    if (op.attempt > 1) await settleHostWork(client, row.lxdProject, row.name, op.signal);
    const { value: seen } = await readOwnOrFail(client, row, op.signal);
    op.throwIfCancelled();
    await op.step(op.input.action, () => act(op, row, seen));
    await refreshInstance(op.context, row.hostId, row.lxdProject, row.name);
    return undefined;
  },
});

async function act(op: RunningOperation<PowerAction>, row: OwnInstance, seen: Instance): Promise<void> {
  const { client } = await op.host(row.hostId);
  const status = statusOf(seen.status_code);
  const { action, force, timeoutSeconds } = op.input;
  // Only the wait for a guest can be broken off; the rest takes a moment and ends in a known state.
  const options = { signal: op.lifetime };
  const already = (): void => op.note(`it is ${status} already`);
  switch (action) {
    case 'start':
      if (status === 'running') return already();
      if (status === 'frozen') return change(op, row, 'unfreeze');
      return startInstance(client, row, options);
    case 'stop':
      if (status === 'stopped') return already();
      if (force) return forceStop(client, row, options);
      return gracefulStop(client, row, timeoutSeconds, { signal: op.signal });
    case 'restart':
      // A stop deletes an ephemeral instance; only its host can restart it.
      return seen.ephemeral ? change(op, row, 'restart') : restart(op, row, status);
    case 'freeze':
      return status === 'frozen' ? already() : change(op, row, 'freeze');
    case 'unfreeze':
      return status === 'running' ? already() : change(op, row, 'unfreeze');
  }
}

async function change(
  op: RunningOperation<PowerAction>,
  row: OwnInstance,
  action: 'freeze' | 'unfreeze' | 'restart',
): Promise<void> {
  const { client } = await op.host(row.hostId);
  const { force, timeoutSeconds } = op.input;
  const body = action === 'restart' ? { action, force, timeoutSeconds } : { action };
  const started = client.instances.setState(row.name, body, { project: row.lxdProject, signal: op.lifetime });
  await hostWork(client, started, { signal: op.lifetime });
}

/** Stop and start. A run that begins again after the stop only starts; a guest is never restarted twice. */
async function restart(op: RunningOperation<PowerAction>, row: OwnInstance, status: string): Promise<void> {
  const { client } = await op.host(row.hostId);
  const { force, timeoutSeconds } = op.input;
  if (op.memory.stopped !== true) {
    if (status !== 'stopped') {
      if (force) await forceStop(client, row, { signal: op.lifetime });
      else await gracefulStop(client, row, timeoutSeconds, { signal: op.signal });
    }
    await op.remember({ stopped: true });
  }
  await startInstance(client, row, { signal: op.lifetime });
}
