import { failureOf, LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import '../instances/instances-table.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import { startInstance } from '../instances/start-stop.ts';
import { cancelledError, isCancel } from '../operations/cancelled-error.ts';
import { defineHandler, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { bringOver } from './bring-over.ts';
import { findInstance, isStopped, setConfig } from './host-instance.ts';
import { forgetLeftover, removeLeftover } from './leftovers.ts';
import { isSilence, type Move, sourceHalf, waitForHost } from './move.ts';
import { transferError } from './move-error.ts';
import { MoveInput, MoveMemory } from './move-memory.ts';
import { MARK } from './portable-config.ts';
import { undoMove } from './undo-move.ts';

/** Moves an instance to another host. States, invariants and what happens after a kill: docs/spec/moves.md. */
export const moveInstanceHandler = defineHandler({
  action: 'instance.move',
  input: MoveInput,
  run: runMove,
});

async function runMove(op: RunningOperation<MoveInput>): Promise<RunOutcome> {
  const row = await op.context.store.db
    .selectFrom('instances')
    .select(['name', 'lxd_project', 'host_id'])
    .where('id', '=', op.input.instanceId)
    .executeTakeFirst();
  if (row === undefined) throw new LongshoreError('not-found', `The instance ${op.target.name} is gone.`);
  const move: Move = {
    op,
    place: { name: row.name, lxdProject: row.lxd_project },
    memory: () => MoveMemory.parse(op.memory),
  };
  if (move.memory().phase === 'undoing') return undoMove(move);
  if (row.host_id !== op.input.targetHostId) {
    try {
      await bringOver(move);
    } catch (error) {
      return failOrUndo(move, error);
    }
  }
  try {
    const refused = await startOnTarget(move);
    if (refused !== undefined) return await undo(move, refused);
    return await cleanUp(move);
  } catch (error) {
    // It is the target's now, and perhaps it runs there: only the target can tell, however long that takes.
    if (!op.lifetime.aborted && isSilence(error)) return waitForHost();
    throw error;
  }
}

/**
 * Runs that may fail with what passes, while an instance that ran stands still. The engine's pauses between seven are
 * 78 s, and a host that is cut off adds its time-outs: enough for the restart of a daemon or of a small machine. After
 * that people want it to run again where it was.
 */
const MAX_SETBACKS = 7;

/** Leaves what may pass to the next run; else puts everything back. */
async function failOrUndo(move: Move, error: unknown): Promise<RunOutcome> {
  const { op } = move;
  if (op.lifetime.aborted) throw error;
  if (!op.givesUp(error)) {
    const { phase, plan, setbacks } = move.memory();
    if (phase === 'planned' || plan?.wasRunning !== true || setbacks + 1 < MAX_SETBACKS) {
      await op.remember({ setbacks: setbacks + 1 });
      throw error;
    }
  }
  return undo(move, error);
}

async function undo(move: Move, error: unknown): Promise<RunOutcome> {
  const { op } = move;
  const cause = isCancel(error, op.signal) ? cancelledError() : translateLxdError(error, 'of the move');
  await op.remember({ phase: 'undoing', failure: failureOf(cause) });
  return undoMove(move);
}

/**
 * Starts it where it is now, if it ran before. Answers the host's refusal when it will not start there: the move is
 * given up then, for it has not run on the target, and its old half is still whole.
 */
async function startOnTarget(move: Move): Promise<unknown> {
  const { op, place } = move;
  const { plan, started } = move.memory();
  if (started || plan?.wasRunning !== true) return undefined;
  const target = await op.host(op.input.targetHostId);
  try {
    await op.step(`start on ${target.host.name}`, () =>
      startInstance(target.client, place, { signal: op.lifetime }),
    );
  } catch (error) {
    const known = transferError(error, [target]);
    if (op.lifetime.aborted || isSilence(known) || !op.givesUp(known)) throw known;
    // Read once more: only of what is known to stand still is the old half started again.
    const scope = { project: place.lxdProject, signal: op.lifetime };
    const instance = await findInstance(target.client, place.name, scope);
    if (instance === undefined || !isStopped(instance)) throw known;
    return known;
  }
  await op.remember({ started: true });
  return undefined;
}

/** It lives on the target: takes the marks off, the old half away, and tells what is there. */
async function cleanUp(move: Move): Promise<RunOutcome> {
  const { op, place } = move;
  const { plan, route } = move.memory();
  const target = await op.host(op.input.targetHostId);
  const scope = { project: place.lxdProject, signal: op.lifetime };
  const instance = await findInstance(target.client, place.name, scope);
  if (instance?.config[MARK.id] !== op.input.instanceId) {
    await op.transaction((trx) => forgetLeftover(trx, sourceHalf(move)));
    throw new LongshoreError(
      'conflict',
      `${place.name} was removed from ${target.host.name} after it had arrived.`,
      {
        hint: 'Its old half is still on the host that it came from; it was not deleted.',
      },
    );
  }
  const { [MARK.id]: _, ...before } = plan?.before ?? {};
  await setConfig(target.client, instance, { ...before, [MARK.move]: null }, scope);
  const leftover = await removeSource(move);
  await refreshInstance(op.context, target.host.id, place.lxdProject, place.name);
  op.progress(100);
  return {
    hostId: target.host.id,
    ...(route === undefined ? {} : { route }),
    ...(plan === undefined || plan.remarks.length === 0 ? {} : { remarks: plan.remarks }),
    ...(leftover === undefined ? {} : { leftover }),
  };
}

/** Deletes the old half, or says why that is left to later: its host may be off for days, and the instance runs. */
async function removeSource(move: Move): Promise<string | undefined> {
  const { op } = move;
  const half = sourceHalf(move);
  return op.step('remove from the old host', async () => {
    try {
      const source = await op.host(half.host_id);
      const removal = await removeLeftover(source, half, op.lifetime);
      if (removal.kind !== 'kept') await op.transaction((trx) => forgetLeftover(trx, half));
      if (removal.kind === 'removed') return undefined;
      op.note(removal.why);
      return removal.why;
    } catch (error) {
      if (op.lifetime.aborted || !(isLxdError(error) || error instanceof LongshoreError)) throw error;
      const why = `the old half is removed when its host answers again (${error.message})`;
      op.note(why);
      return why;
    }
  });
}
