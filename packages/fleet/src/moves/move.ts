import { type ErrorCode, LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import { againAfter, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import type { Leftover } from './leftovers.ts';
import type { MoveInput, MoveMemory, MovePlace } from './move-memory.ts';
import { MARK } from './portable-config.ts';

/** A move under way. */
export type Move = Readonly<{
  op: RunningOperation<MoveInput>;
  place: MovePlace;
  /** What is remembered now. */
  memory(): MoveMemory;
}>;

/** The old half as it is remembered in `move_leftovers`. */
export function sourceHalf({ op, place }: Pick<Move, 'op' | 'place'>): Leftover {
  return {
    operation_id: op.id,
    host_id: op.input.sourceHostId,
    lxd_project: place.lxdProject,
    name: place.name,
    instance_id: op.input.instanceId,
    mark: MARK.move,
  };
}

/** How long to leave a host that must answer before the move can end. It is asked again sooner when it comes back. */
const WAIT_FOR_HOST_MS = 15_000;

/** The move waits for a host without which it cannot end well. */
export function waitForHost(): RunOutcome {
  return againAfter(WAIT_FOR_HOST_MS);
}

/** Whether a host just does not answer, so that it may later. */
export function isSilence(error: unknown): boolean {
  if (isLxdError(error)) return error.code === 'unreachable' || error.code === 'timeout';
  return error instanceof LongshoreError && SILENT.has(error.code);
}

const SILENT: ReadonlySet<ErrorCode> = new Set(['host-unreachable', 'host-quarantined']);
