import { LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import { startInstance } from '../instances/start-stop.ts';
import type { RunOutcome } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { findInstance, isHalfOf, setConfig } from './host-instance.ts';
import { forgetLeftover, type Leftover, noteLeftover, removeLeftover } from './leftovers.ts';
import { isSilence, type Move, sourceHalf, waitForHost } from './move.ts';
import { MARK } from './portable-config.ts';

/**
 * Puts everything back and ends the operation with the remembered cause. Waits for the source as long as it takes: only
 * there the instance is whole. A silent target does not hold it up: its half is remembered and removed later.
 */
export async function undoMove(move: Move): Promise<RunOutcome> {
  const { op, place } = move;
  const { plan } = move.memory();
  const cause = causeOf(move);
  // Nothing was touched before the plan was remembered.
  if (plan === undefined) throw cause;
  await takeBack(move);
  const restored = await op.step('put back', () => restoreSource(move));
  if (restored.kind === 'silent') return waitForHost();
  if (restored.kind === 'gone') {
    throw new LongshoreError(
      cause.code,
      `${cause.message} ${place.name} is no longer on its old host; what had arrived on the new one was left there.`,
      { hint: 'Look at both hosts before you delete anything.', cause },
    );
  }
  await op.step('remove from the new host', () => removeTargetHalf(move));
  try {
    await refreshInstance(op.context, op.input.sourceHostId, place.lxdProject, place.name);
  } catch (error) {
    // Sync will see it; the person is to hear why the move failed.
    if (op.lifetime.aborted || !isHostError(error)) throw error;
  }
  if (restored.startFailure === null) throw cause;
  throw new LongshoreError(
    cause.code,
    `${cause.message} ${place.name} is back on its old host, but did not start there: ${restored.startFailure}`,
    { hint: 'Start it on its old host.', cause },
  );
}

/** What the operation ends with. The move has ended: a cause that may pass must not make the engine run it again. */
function causeOf({ op, memory }: Move): LongshoreError {
  const { failure } = memory();
  if (failure === undefined) return new LongshoreError('internal', 'A move was undone without a cause.');
  const { code, message, hint } = failure;
  const cause = new LongshoreError(code, message, hint === undefined ? {} : { hint });
  if (op.givesUp(cause)) return cause;
  return new LongshoreError('host-refused', `The move was given up after several tries: ${message}`, {
    hint: 'The instance is where it was. Move it again when the hosts answer.',
    cause,
  });
}

/** The row names the source again: for a move that was handed over, and did not start. */
async function takeBack(move: Move): Promise<void> {
  const { op } = move;
  await op.transaction(async (trx) => {
    const changed = await trx
      .updateTable('instances')
      .set({ host_id: op.input.sourceHostId })
      .where('id', '=', op.input.instanceId)
      .where('host_id', '=', op.input.targetHostId)
      .returning('id')
      .executeTakeFirst();
    if (changed !== undefined) await forgetLeftover(trx, sourceHalf(move));
  });
}

type Restored =
  | { readonly kind: 'restored'; readonly startFailure: string | null }
  | { readonly kind: 'silent' }
  | { readonly kind: 'gone' };

/** Takes the marks off the source, and starts it if it ran. */
async function restoreSource({ op, place, memory }: Move): Promise<Restored> {
  const { plan } = memory();
  const scope = { project: place.lxdProject, signal: op.lifetime };
  try {
    const source = await op.host(op.input.sourceHostId);
    const instance = await findInstance(source.client, place.name, scope);
    if (instance === undefined) return { kind: 'gone' };
    // Started before the marks go: a kill in between leaves a half that the next run recognises.
    const startFailure = plan?.wasRunning === true ? await tryToStart(op, source, place) : null;
    const mark = { instanceId: op.input.instanceId, operationId: op.id, key: MARK.move };
    if (isHalfOf(instance, mark)) {
      await setConfig(source.client, instance, { ...plan?.before, [MARK.move]: null }, scope);
    }
    return { kind: 'restored', startFailure };
  } catch (error) {
    if (op.lifetime.aborted || !isSilence(error)) throw error;
    op.note(`waits for the host, where ${place.name} is still whole (${messageOf(error)})`);
    return { kind: 'silent' };
  }
}

/** Null, or why it does not start; that must not keep the rest from being put back. */
async function tryToStart(
  op: Move['op'],
  source: HostConnection,
  place: Move['place'],
): Promise<string | null> {
  try {
    await startInstance(source.client, place, { signal: op.lifetime });
    return null;
  } catch (error) {
    if (op.lifetime.aborted || isSilence(error) || !isHostError(error)) throw error;
    return messageOf(error);
  }
}

async function removeTargetHalf(move: Move): Promise<void> {
  const { op } = move;
  const half: Leftover = { ...sourceHalf(move), host_id: op.input.targetHostId };
  let target: HostConnection;
  try {
    target = await op.host(half.host_id);
    const removal = await removeLeftover(target, half, op.lifetime);
    if (removal.kind === 'removed') return;
    // Another instance has the name there: not ours to touch.
    op.note(removal.why);
    if (removal.kind === 'foreign') return;
  } catch (error) {
    if (op.lifetime.aborted || !isHostError(error)) throw error;
    op.note(`what had arrived is removed later (${messageOf(error)})`);
  }
  await op.transaction((trx) => noteLeftover(trx, half));
}

function isHostError(error: unknown): boolean {
  return isLxdError(error) || error instanceof LongshoreError;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
