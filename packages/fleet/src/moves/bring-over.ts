import { LongshoreError } from '@longshore/contract';
import { type Instance, isLxdError } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import { settleHostWork } from '../instances/host-work.ts';
import { ownInstanceOrFail, readOwnOrFail } from '../instances/own-instance.ts';
import { forceStop, gracefulStop } from '../instances/start-stop.ts';
import { deleteOurs, findInstance, isHalfOf, isStopped, setConfig } from './host-instance.ts';
import { noteLeftover } from './leftovers.ts';
import { type Move, sourceHalf } from './move.ts';
import { transferError } from './move-error.ts';
import type { MovePlan } from './move-memory.ts';
import { configForMove, MARK } from './portable-config.ts';
import { preFlight, preFlightError } from './pre-flight.ts';
import { reachablePeer } from './reachable-peer.ts';
import { readTargetFacts } from './read-target-facts.ts';
import { transferInstance } from './transfer-instance.ts';

/** A guest that does not end by itself in this time is not moved, unless force was asked for. */
const STOP_SECONDS = 60;

/** Both ends of a move that are known to answer. */
type Ends = Readonly<{ source: HostConnection; target: HostConnection }>;

/** From the instance on its old host to its row saying the new one: all phases before the point of no return. */
export async function bringOver(move: Move): Promise<void> {
  const { op } = move;
  const target = await op.host(op.input.targetHostId);
  // A source that dies once everything is on the target holds nothing up.
  if (move.memory().phase !== 'copied') {
    await copyOver(move, { source: await op.host(op.input.sourceHostId), target });
  }
  op.throwIfCancelled();
  op.progress(90);
  await op.step('hand over', () => handOver(move, target));
}

async function copyOver(move: Move, ends: Ends): Promise<void> {
  const { op } = move;
  if (move.memory().phase === 'planned') {
    op.throwIfCancelled();
    const plan = await op.step(`check ${ends.target.host.name}`, () => planMove(move, ends));
    await op.remember({ phase: 'stopping', plan });
  }
  if (move.memory().phase === 'stopping') {
    op.throwIfCancelled();
    const lastUsedAt = await op.step(`stop on ${ends.source.host.name}`, () => stopSource(move, ends.source));
    await op.remember({ phase: 'copying', lastUsedAt });
  }
  op.throwIfCancelled();
  op.progress(10);
  await op.step(`copy to ${ends.target.host.name}`, async () => {
    try {
      await copy(move, ends);
    } catch (error) {
      op.lifetime.throwIfAborted();
      throw transferError(error, [ends.source, ends.target]);
    }
  });
  await op.step('verify', () => verify(move, ends));
  await op.remember({ phase: 'copied' });
}

/** Reads everything and changes nothing. */
async function planMove({ op, place }: Move, { source, target }: Ends): Promise<MovePlan> {
  const scope = { project: place.lxdProject, signal: op.signal };
  const mark = { instanceId: op.input.instanceId, operationId: op.id, key: MARK.move };
  const row = await ownInstanceOrFail(op.context, op.target);
  const [{ value: instance }, state, facts] = await Promise.all([
    readOwnOrFail(source.client, row, op.signal),
    source.client.instances.state(place.name, scope),
    readTargetFacts(target, place, mark, op.signal),
  ]);
  const diskUsedBytes = state.disk.root?.usage || null;
  const result = preFlight(
    {
      name: instance.name,
      type: instance.type,
      architecture: instance.architecture,
      lxdProject: place.lxdProject,
      profiles: instance.profiles,
      devices: instance.devices,
      expandedDevices: instance.expanded_devices,
      diskUsedBytes,
    },
    facts,
  );
  const reasons = [...reasonsOfHosts(instance, target), ...(result.possible ? [] : result.reasons)];
  if (!result.possible || reasons.length > 0) throw preFlightError(instance.name, target.host.name, reasons);
  if (result.remarks.length > 0) op.note(result.remarks.join('; '));
  return {
    uuid: instance.config['volatile.uuid'] ?? '',
    wasRunning: !isStopped(instance),
    before: {
      [MARK.id]: instance.config[MARK.id] ?? null,
      'boot.autostart': instance.config['boot.autostart'] ?? null,
    },
    devices: copyOf(result.devices),
    remarks: [...result.remarks],
    diskUsedBytes,
    peer: op.input.via === 'relay' ? null : await reachablePeer(target, source, op.signal),
  };
}

function reasonsOfHosts(instance: Instance, { host }: HostConnection): string[] {
  return [
    ...(instance.ephemeral ? ['it is ephemeral: the stop that a move needs would delete it'] : []),
    ...(host.maintenance ? [`${host.name} is in maintenance`] : []),
    ...(host.removing ? [`${host.name} is being removed from the fleet`] : []),
  ];
}

/**
 * Marks the instance and stops it; answers when it last ran. Until the move has ended it must not come up by itself,
 * whatever happens to its host: `boot.autostart` is off on both halves.
 */
async function stopSource({ op, place }: Move, { client }: HostConnection): Promise<string> {
  const scope = { project: place.lxdProject, signal: op.signal };
  const { value: instance } = await client.instances.get(place.name, scope);
  await setConfig(
    client,
    instance,
    { [MARK.id]: op.input.instanceId, [MARK.move]: op.id, 'boot.autostart': 'false' },
    scope,
  );
  if (!isStopped(instance)) {
    // Once it is asked to stop, it stops: breaking the wait off would leave nobody knowing.
    const options = { signal: op.lifetime };
    if (op.input.force) await forceStop(client, place, options);
    else await gracefulStop(client, place, STOP_SECONDS, options);
  }
  return (await client.instances.get(place.name, scope)).value.last_used_at;
}

async function copy(move: Move, { source, target }: Ends): Promise<void> {
  const { op, place } = move;
  const { plan, hostOperation } = move.memory();
  if (plan === undefined) throw new LongshoreError('internal', 'A move copies only after it has planned.');
  const scope = { project: place.lxdProject, signal: op.signal };
  // Read before anything is cleared: without the source, what the target has may be all there is.
  const { value: instance } = await source.client.instances.get(place.name, scope);
  if (hostOperation != null && (await finishedAlone(move, target, hostOperation))) return;
  await clearTarget(move, target);
  const route = await transferInstance(op, {
    source,
    sourceName: place.name,
    target,
    lxdProject: place.lxdProject,
    instanceOnly: false,
    via: op.input.via,
    peer: plan.peer,
    expectedBytes: plan.diskUsedBytes,
    body: {
      name: place.name,
      type: instance.type === 'virtual-machine' ? 'virtual-machine' : 'container',
      architecture: instance.architecture,
      description: instance.description,
      profiles: instance.profiles,
      devices: copyOf(plan.devices),
      config: {
        ...configForMove(instance.config),
        [MARK.id]: op.input.instanceId,
        [MARK.move]: op.id,
        'boot.autostart': 'false',
      },
    },
    clear: () => clearTarget(move, target),
    started: (by, id) => op.remember({ route: by, hostOperation: id }),
  });
  op.note(route === 'relay' ? 'through Longshore' : 'host to host');
}

/** A transfer that an earlier run began, and that the hosts went on with by themselves. */
async function finishedAlone(
  { op }: Move,
  { client }: HostConnection,
  hostOperation: string,
): Promise<boolean> {
  try {
    await client.operations.wait(hostOperation, { signal: op.signal });
    return true;
  } catch (error) {
    // Failed, or forgotten by the host: then nobody knows whether it is complete, and it is made again.
    if (isLxdError(error, 'operation-failed', 'operation-cancelled', 'not-found')) return false;
    throw error;
  }
}

/** Takes away what an earlier attempt of this move left on the target; anything else there ends the move. */
async function clearTarget({ op, place }: Move, { client, host }: HostConnection): Promise<void> {
  const scope = { project: place.lxdProject, signal: op.signal };
  if ((await findInstance(client, place.name, scope)) === undefined) return;
  await settleHostWork(client, place.lxdProject, place.name, op.signal);
  const instance = await findInstance(client, place.name, scope);
  if (instance === undefined) return;
  if (!isHalfOf(instance, { instanceId: op.input.instanceId, operationId: op.id, key: MARK.move })) {
    throw new LongshoreError(
      'name-taken',
      `${host.name} has got another instance named ${place.name} meanwhile.`,
      {
        hint: 'Rename one of the two, then move again.',
      },
    );
  }
  await deleteOurs(client, instance, scope);
}

/** The target has everything, and the source has not run since it was stopped. */
async function verify(move: Move, { source, target }: Ends): Promise<void> {
  const { op, place } = move;
  const scope = { project: place.lxdProject, signal: op.signal };
  const [before, after, kept, arrived] = await Promise.all([
    source.client.instances.get(place.name, scope),
    target.client.instances.get(place.name, scope),
    source.client.instances.snapshots.list(place.name, scope),
    target.client.instances.snapshots.list(place.name, scope),
  ]);
  const { lastUsedAt } = move.memory();
  if (!isStopped(before.value) || before.value.last_used_at !== lastUsedAt) {
    throw new LongshoreError(
      'conflict',
      `${place.name} was started on ${source.host.name} while it was copied.`,
      {
        hint: 'Move it again, and leave it to the move to stop and start it.',
      },
    );
  }
  const names = new Set(arrived.map((snapshot) => snapshot.name));
  const lost = kept.filter((snapshot) => !names.has(snapshot.name)).map((snapshot) => snapshot.name);
  const mark = { instanceId: op.input.instanceId, operationId: op.id, key: MARK.move };
  if (lost.length > 0 || !isHalfOf(after.value, mark)) {
    const what =
      lost.length > 0
        ? `the snapshots ${lost.join(', ')} did not arrive`
        : 'it is not the copy that was made';
    throw new LongshoreError(
      'host-refused',
      `${place.name} on ${target.host.name} is not complete: ${what}.`,
      {
        hint: 'Nothing was lost; try the move again, perhaps via relay.',
      },
    );
  }
}

/** The point of no return: from here on the instance is the target's. One row, changed in one transaction. */
async function handOver(move: Move, target: HostConnection): Promise<void> {
  const { op } = move;
  await op.transaction(async (trx) => {
    const changed = await trx
      .updateTable('instances')
      .set({ host_id: target.host.id, status: 'stopped', placement_reason: op.input.placementReason })
      .where('id', '=', op.input.instanceId)
      .where('host_id', '=', op.input.sourceHostId)
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) {
      throw new LongshoreError(
        'conflict',
        `${op.target.name} is no longer the instance that was to be moved.`,
      );
    }
    await noteLeftover(trx, sourceHalf(move));
  });
}

type DeviceMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

function copyOf(devices: DeviceMap): Record<string, Record<string, string>> {
  return Object.fromEntries(Object.entries(devices).map(([name, options]) => [name, { ...options }]));
}
