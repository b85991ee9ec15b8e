import { LongshoreError, SnapshotCreation, SnapshotName } from '@longshore/contract';
import { isLxdError, type LxdClient, type Snapshot, type Tagged } from '@longshore/lxd';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { distrustGuest } from '../guest-keys/request-guest-keys.ts';
import { giveKeptHostKeys } from '../host-keys/first-host-keys.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { askForSizeOfSnapshot } from './ask-for-size.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { instanceForChange } from './instance-for-change.ts';
import { type OwnInstance, ownInstanceOrFail, readOwnOrFail } from './own-instance.ts';

const SnapshotInput = z.object({ snapshot: SnapshotName });

/**
 * Accepts a new snapshot.
 *
 * @throws LongshoreError `name-taken`, `busy`, and what {@link instanceForChange} refuses
 */
export function createSnapshot(
  context: FleetContext,
  input: { readonly id: string } & SnapshotCreation,
  requester: Requester,
  parentId?: string,
): Promise<Accepted> {
  const { id, ...creation } = input;
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'change');
    const names = z.array(z.object({ name: z.string() })).parse(instance.snapshots);
    if (names.some(({ name }) => name === creation.name)) throw takenError(instance.name, creation.name);
    const operation = await accept(context, trx, {
      action: 'instance.snapshot.create',
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input: creation,
      requester,
      parentId,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/**
 * Accepts setting an instance back to a snapshot.
 *
 * @throws LongshoreError `busy`, and what {@link instanceForChange} refuses; a missing snapshot fails the operation
 */
export function restoreSnapshot(
  context: FleetContext,
  input: { readonly id: string; readonly snapshot: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnSnapshot(context, 'instance.snapshot.restore', input, requester);
}

/** Accepts the deletion of a snapshot; refuses like {@link restoreSnapshot}. */
export function deleteSnapshot(
  context: FleetContext,
  input: { readonly id: string; readonly snapshot: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnSnapshot(context, 'instance.snapshot.delete', input, requester);
}

function acceptOnSnapshot(
  context: FleetContext,
  action: 'instance.snapshot.restore' | 'instance.snapshot.delete',
  { id, snapshot }: { readonly id: string; readonly snapshot: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'change');
    const operation = await accept(context, trx, {
      action,
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input: { snapshot },
      requester,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/** Takes a snapshot. One of that name that an earlier run of the same operation has taken counts. */
export const createSnapshotHandler = defineHandler({
  action: 'instance.snapshot.create',
  input: SnapshotCreation,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    const { name, lxdProject: project } = row;
    if (op.attempt > 1) await settleHostWork(client, project, name, op.signal);
    await readOwnOrFail(client, row, op.signal);
    op.throwIfCancelled();
    const there = await findSnapshot(client, row, op.input.name, op.lifetime);
    if (there === undefined) {
      await op.remember({ making: true });
      const body = {
        name: op.input.name,
        stateful: op.input.stateful,
        ...(op.input.expiresAt === null ? {} : { expires_at: op.input.expiresAt }),
      };
      const options = { project, signal: op.lifetime };
      await op.step('snapshot', () =>
        hostWork(client, client.instances.snapshots.create(name, body, options), options),
      );
    } else if (op.memory.making !== true) {
      throw takenError(name, op.input.name);
    }
    await refreshInstance(op.context, row.hostId, project, name);
    return undefined;
  },
});

/** Sets an instance back to a snapshot; a running one is stopped and started again by its host. */
export const restoreSnapshotHandler = defineHandler({
  action: 'instance.snapshot.restore',
  input: SnapshotInput,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    const { name, lxdProject: project } = row;
    if (op.attempt > 1) await settleHostWork(client, project, name, op.signal);
    await readOwnOrFail(client, row, op.signal);
    const snapshot = await findSnapshot(client, row, op.input.snapshot, op.signal);
    if (snapshot === undefined) {
      throw new LongshoreError('not-found', `The instance ${name} has no snapshot ${op.input.snapshot}.`);
    }
    op.throwIfCancelled();
    // Only the host knows what it was then; the project may have no room for that any more.
    await op.transaction((trx) => askForSizeOfSnapshot(trx, row.id, snapshot.value));
    const options = { project, signal: op.lifetime };
    const restored = () =>
      client.instances.snapshots.restore(name, op.input.snapshot, {
        ...options,
        stateful: snapshot.value.stateful,
      });
    await op.step('restore', () => hostWork(client, restored(), options));
    await giveKeptHostKeys(op, client, row, new Date(snapshot.value.created_at));
    await refreshInstance(op.context, row.hostId, project, name);
    // Its keys are those of then, whatever we have put there since.
    op.atEnd((trx) => distrustGuest(trx, row.id));
    return undefined;
  },
});

/** Deletes a snapshot; one that is not there any more is deleted. */
export const deleteSnapshotHandler = defineHandler({
  action: 'instance.snapshot.delete',
  input: SnapshotInput,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    const { name, lxdProject: project } = row;
    if (op.attempt > 1) await settleHostWork(client, project, name, op.signal);
    await readOwnOrFail(client, row, op.signal);
    op.throwIfCancelled();
    const there = await findSnapshot(client, row, op.input.snapshot, op.lifetime);
    if (there === undefined && op.attempt === 1) {
      throw new LongshoreError('not-found', `The instance ${name} has no snapshot ${op.input.snapshot}.`);
    }
    if (there !== undefined) {
      const options = { project, signal: op.lifetime };
      const deleted = () => client.instances.snapshots.delete(name, op.input.snapshot, options);
      await op.step('delete snapshot', () => hostWork(client, deleted(), options));
    }
    await refreshInstance(op.context, row.hostId, project, name);
    return undefined;
  },
});

async function findSnapshot(
  client: LxdClient,
  row: OwnInstance,
  snapshot: string,
  signal: AbortSignal,
): Promise<Tagged<Snapshot> | undefined> {
  try {
    return await client.instances.snapshots.get(row.name, snapshot, { project: row.lxdProject, signal });
  } catch (error) {
    if (isLxdError(error, 'not-found')) return undefined;
    throw error;
  }
}

function takenError(instance: string, snapshot: string): LongshoreError {
  return new LongshoreError('name-taken', `The instance ${instance} has a snapshot ${snapshot} already.`, {
    hint: 'Choose another name, or delete that snapshot first.',
  });
}
