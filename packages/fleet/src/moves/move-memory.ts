import { Devices, Failure } from '@longshore/contract';
import { z } from 'zod';

/** What a move was accepted with. */
export const MoveInput = z.object({
  instanceId: z.uuid(),
  sourceHostId: z.uuid(),
  targetHostId: z.uuid(),
  placementReason: z.string(),
  via: z.enum(['auto', 'direct', 'relay']),
  force: z.boolean(),
});
export type MoveInput = z.infer<typeof MoveInput>;

/** How the instance was before it was touched, and how it is to be made on the target. */
export const MovePlan = z.object({
  /** `volatile.uuid` on the source; empty where the server gives none. */
  uuid: z.string(),
  wasRunning: z.boolean(),
  /** Configuration keys that the move changes on the source, as they were; null: not set. */
  before: z.record(z.string(), z.string().nullable()),
  /** The instance's own devices on the target. */
  devices: Devices,
  remarks: z.array(z.string()),
  diskUsedBytes: z.number().nullable(),
  /** Where the target reaches the source; null: it does not, or need not. */
  peer: z.string().nullable(),
});
export type MovePlan = z.infer<typeof MovePlan>;

/**
 * What a move remembers, each before it acts on it. The states and their invariants: docs/spec/moves.md. That the
 * instance was handed over is not here: the row's host says so, in the same transaction.
 */
export const MoveMemory = z.object({
  phase: z.enum(['planned', 'stopping', 'copying', 'copied', 'undoing']).default('planned'),
  plan: MovePlan.optional(),
  /** `last_used_at` of the stopped source: another value later means that somebody started it meanwhile. */
  lastUsedAt: z.string().optional(),
  route: z.enum(['pull', 'push', 'relay']).optional(),
  /** The target's operation that makes the instance; goes on without us when the target fetches. */
  hostOperation: z.string().nullable().optional(),
  started: z.boolean().default(false),
  /** Runs that failed with what may pass while the instance stood still for the move. */
  setbacks: z.int().default(0),
  /** Why it is undone. */
  failure: Failure.optional(),
});
export type MoveMemory = z.infer<typeof MoveMemory>;

/** Places of the two halves of a move. */
export type MovePlace = Readonly<{ name: string; lxdProject: string }>;
