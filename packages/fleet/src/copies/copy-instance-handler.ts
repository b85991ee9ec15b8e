import { LongshoreError } from '@longshore/contract';
import { type Instance, type InstanceCreate, isLxdError, type Snapshot } from '@longshore/lxd';
import { z } from 'zod';
import { giveFirstHostKeys } from '../host-keys/first-host-keys.ts';
import type { HostConnection } from '../hosts/host-connections.ts';
import { hostWork, settleHostWork } from '../instances/host-work.ts';
import {
  isOwn,
  lookAt,
  type OwnInstance,
  ownInstanceOrFail,
  readOwnOrFail,
} from '../instances/own-instance.ts';
import { removeHalfMade } from '../instances/remove-half-made.ts';
import { startInstance } from '../instances/start-stop.ts';
import { deleteOurs, isHalfOf, isStopped, setConfig } from '../moves/host-instance.ts';
import { transferError } from '../moves/move-error.ts';
import { configForCopy, MARK } from '../moves/portable-config.ts';
import { preFlight, preFlightError } from '../moves/pre-flight.ts';
import { reachablePeer } from '../moves/reachable-peer.ts';
import { readTargetFacts } from '../moves/read-target-facts.ts';
import { transferInstance } from '../moves/transfer-instance.ts';
import { defineHandler, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';

export const CopyInput = z.object({
  sourceId: z.uuid(),
  sourceHostId: z.uuid(),
  /** Null: the present state. */
  snapshot: z.string().nullable(),
  start: z.boolean(),
});
export type CopyInput = z.infer<typeof CopyInput>;

type Copying = RunningOperation<CopyInput>;

/** Makes a new instance out of another one; nothing is left on the host when that fails for good. */
export const copyInstanceHandler = defineHandler({
  action: 'instance.copy',
  input: CopyInput,
  run: runCopy,
});

async function runCopy(op: Copying): Promise<RunOutcome> {
  const row = await ownInstanceOrFail(op.context, op.target);
  try {
    const target = await op.host(row.hostId);
    const made = await earlierWork(op, target, row);
    if (made === 'whole') await finishCopy(op, target, row);
    else {
      op.throwIfCancelled();
      await (op.input.sourceHostId === row.hostId ? copyHere(op, target, row) : copyAcross(op, target, row));
      await finishCopy(op, target, row);
    }
  } catch (error) {
    if (!op.lifetime.aborted && op.givesUp(error)) await removeHalfMade(op, row);
    throw error;
  }
  await refreshInstance(op.context, row.hostId, row.lxdProject, row.name);
  return { instanceId: row.id, hostId: row.hostId };
}

/**
 * What an earlier run made: a copy that has lost its `making` mark is whole; another one of ours is taken away, for
 * nobody knows how far it got.
 *
 * @throws LongshoreError `name-taken` when the name is somebody else's there
 */
async function earlierWork(
  op: Copying,
  { client, host }: HostConnection,
  row: OwnInstance,
): Promise<'whole' | 'none'> {
  if (op.attempt > 1) await settleHostWork(client, row.lxdProject, row.name, op.signal);
  const seen = (await lookAt(client, row.lxdProject, row.name, op.signal))?.value;
  if (seen === undefined) return 'none';
  if (!isOwn(row, seen)) {
    throw new LongshoreError(
      'name-taken',
      `Host ${host.name} has an instance ${row.name} that is not Longshore's.`,
      {
        hint: 'Choose another name or host; that instance was not touched.',
      },
    );
  }
  if (!isHalfOf(seen, { instanceId: row.id, operationId: op.id, key: MARK.making })) return 'whole';
  await deleteOurs(client, seen, { project: row.lxdProject, signal: op.signal });
  return 'none';
}

/** Within one host, the host does all of it. */
async function copyHere(op: Copying, { client }: HostConnection, row: OwnInstance): Promise<void> {
  const source = await ownInstanceOrFail(op.context, { id: op.input.sourceId, name: 'to be copied' });
  const { value: instance } = await readOwnOrFail(client, source, op.signal);
  const scope = { project: row.lxdProject, signal: op.signal };
  const { snapshot } = op.input;
  const body: InstanceCreate = {
    name: row.name,
    type: typeOf(instance),
    profiles: instance.profiles,
    config: marked(op, row, {}),
    source: {
      type: 'copy',
      source: snapshot === null ? source.name : `${source.name}/${snapshot}`,
      project: row.lxdProject,
      instance_only: true,
    },
  };
  await op.step(`copy ${source.name}`, () =>
    hostWork(client, client.instances.create(body, scope), { signal: op.signal }),
  );
}

/**
 * To another host. What runs is copied from a snapshot of this moment, so that the copy is of one moment; the snapshot
 * is taken away again.
 */
async function copyAcross(op: Copying, target: HostConnection, row: OwnInstance): Promise<void> {
  const from = await op.host(op.input.sourceHostId);
  const source = await ownInstanceOrFail(op.context, { id: op.input.sourceId, name: 'to be copied' });
  const { value: instance } = await readOwnOrFail(from.client, source, op.signal);
  const checked = await op.step(`check ${target.host.name}`, () => checkTarget(op, target, row, instance));
  const temporary = op.input.snapshot === null && !isStopped(instance) ? `longshore-${op.id}` : null;
  const snapshot = op.input.snapshot ?? temporary;
  try {
    if (temporary !== null) await op.step('snapshot', () => takeSnapshot(op, from, source, temporary));
    const scope = { project: row.lxdProject, signal: op.signal };
    const origin: Instance | Snapshot =
      snapshot === null
        ? instance
        : (await from.client.instances.snapshots.get(source.name, snapshot, scope)).value;
    const peer = await reachablePeer(target, from, op.signal);
    await op.step(`copy to ${target.host.name}`, () =>
      transferInstance(op, {
        source: from,
        sourceName: source.name,
        ...(snapshot === null ? {} : { sourceSnapshot: snapshot }),
        target,
        lxdProject: row.lxdProject,
        instanceOnly: true,
        via: 'auto',
        peer,
        expectedBytes: null,
        body: {
          name: row.name,
          type: typeOf(instance),
          architecture: origin.architecture,
          description: origin.description,
          profiles: origin.profiles,
          devices: checked,
          config: marked(op, row, configForCopy(origin.config)),
        },
        clear: async () => {
          await earlierWork(op, target, row);
        },
        started: (route, hostOperation) => op.remember({ route, hostOperation }),
      }),
    );
  } catch (error) {
    op.lifetime.throwIfAborted();
    throw transferError(error, [from, target]);
  } finally {
    if (temporary !== null && !op.lifetime.aborted) await dropSnapshot(op, from, source, temporary);
  }
}

async function checkTarget(
  op: Copying,
  target: HostConnection,
  row: OwnInstance,
  instance: Instance,
): Promise<Record<string, Record<string, string>>> {
  const mark = { instanceId: row.id, operationId: op.id, key: MARK.making };
  const facts = await readTargetFacts(target, row, mark, op.signal);
  const result = preFlight(
    {
      name: row.name,
      type: instance.type,
      architecture: instance.architecture,
      lxdProject: row.lxdProject,
      profiles: instance.profiles,
      devices: instance.devices,
      expandedDevices: instance.expanded_devices,
      diskUsedBytes: null,
    },
    facts,
  );
  if (!result.possible) throw preFlightError(row.name, target.host.name, result.reasons);
  if (result.remarks.length > 0) op.note(result.remarks.join('; '));
  return Object.fromEntries(Object.entries(result.devices).map(([name, options]) => [name, { ...options }]));
}

async function takeSnapshot(
  op: Copying,
  from: HostConnection,
  source: OwnInstance,
  name: string,
): Promise<void> {
  const scope = { project: source.lxdProject, signal: op.signal };
  try {
    await hostWork(
      from.client,
      from.client.instances.snapshots.create(source.name, { name, stateful: false }, scope),
      { signal: op.signal },
    );
  } catch (error) {
    // Taken by an earlier run.
    if (!isLxdError(error, 'conflict', 'operation-failed') || !/already exists/i.test(error.message))
      throw error;
  }
}

async function dropSnapshot(
  op: Copying,
  from: HostConnection,
  source: OwnInstance,
  name: string,
): Promise<void> {
  const scope = { project: source.lxdProject, signal: op.lifetime };
  try {
    await hostWork(from.client, from.client.instances.snapshots.delete(source.name, name, scope), {
      signal: op.lifetime,
    });
  } catch (error) {
    if (op.lifetime.aborted) throw error;
    if (isLxdError(error, 'not-found')) return;
    // The copy itself does not depend on it, so it does not fail for it; the person is told.
    op.note(`the snapshot ${name} of ${source.name} could not be removed`);
    op.context.log.warn({ operation: op.id, snapshot: name, err: error }, 'the snapshot of a copy is left');
  }
}

/** It is whole: takes off the mark that says otherwise, and starts it if that was asked for. */
async function finishCopy(op: Copying, connection: HostConnection, row: OwnInstance): Promise<void> {
  const { client } = connection;
  const scope = { project: row.lxdProject, signal: op.lifetime };
  const { value: instance } = await client.instances.get(row.name, scope);
  await setConfig(client, instance, { [MARK.making]: null, [MARK.move]: null }, scope);
  // The copy must not pass for its original.
  if (typeOf(instance) === 'container' && isStopped(instance)) {
    await giveFirstHostKeys(op, connection, row, null);
  }
  if (op.input.start) await op.step('start', () => startInstance(client, row, { signal: op.lifetime }));
}

function marked(op: Copying, row: OwnInstance, config: Record<string, string>): Record<string, string> {
  return { ...config, [MARK.id]: row.id, [MARK.making]: op.id };
}

function typeOf(instance: Instance): 'container' | 'virtual-machine' {
  return instance.type === 'virtual-machine' ? 'virtual-machine' : 'container';
}
