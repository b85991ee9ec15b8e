import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { Failure } from '../problem.ts';
import { InstanceMove, PowerAction, SnapshotCreation } from './instance.ts';

/** What can be asked of Longshore; each is done by one handler of the fleet. */
export const OperationAction = z
  .enum([
    'host.probe',
    'host.enrol',
    'host.re-pin',
    'host.remove',
    'host.sync',
    'instance.create',
    'instance.power',
    'instance.rename',
    'instance.configure',
    'instance.delete',
    'instance.move',
    'instance.copy',
    'instance.export',
    'instance.import',
    'instance.snapshot.create',
    'instance.snapshot.restore',
    'instance.snapshot.delete',
    'instance.host-keys.rotate',
    'instance.host-keys.import',
    'image.copy',
    'image.remove',
    'bulk',
  ])
  .meta({ id: 'OperationAction' });
export type OperationAction = z.infer<typeof OperationAction>;

export const OperationStatus = z
  .enum(['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled'])
  .meta({ id: 'OperationStatus' });
export type OperationStatus = z.infer<typeof OperationStatus>;

/** States after which nothing more happens. */
export const FINAL_OPERATION_STATUSES = [
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly OperationStatus[];

export const OperationStep = z
  .object({
    name: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    startedAt: Timestamp,
    endedAt: Timestamp.nullable(),
    message: z.string().optional(),
  })
  .meta({ id: 'OperationStep' });
export type OperationStep = z.infer<typeof OperationStep>;

/** One asked-for change and how it went. */
export const Operation = z
  .object({
    id: Id,
    action: OperationAction,
    target: z.object({
      kind: z.enum(['host', 'instance', 'image', 'fleet']),
      id: z.string().nullable(),
      name: z.string(),
    }),
    hostId: Id.nullable(),
    parentId: Id.nullable().describe('The bulk operation that it belongs to.'),
    status: OperationStatus,
    progressPercent: z.number().min(0).max(100).nullable(),
    steps: z.array(OperationStep),
    attempts: z.int(),
    failure: Failure.nullable(),
    result: z.record(z.string(), z.unknown()).nullable(),
    requestedBy: z.string(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    items: z
      .object({ total: z.int(), succeeded: z.int(), failed: z.int(), cancelled: z.int() })
      .nullable()
      .describe('Counts of a bulk operation.'),
  })
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;

/** What a bulk operation does to each of its instances. */
export const BulkAction = z
  .discriminatedUnion('do', [
    z.strictObject({ do: z.literal('power'), power: PowerAction }),
    z.strictObject({ do: z.literal('delete'), force: z.boolean().default(false) }),
    z.strictObject({ do: z.literal('snapshot'), snapshot: SnapshotCreation }),
    z.strictObject({ do: z.literal('move'), move: InstanceMove }),
  ])
  .meta({ id: 'BulkAction' });
export type BulkAction = z.infer<typeof BulkAction>;

/** One action on many instances: named, or all that match a filter at the moment of acceptance. */
export const Bulk = z
  .strictObject({
    action: BulkAction,
    instances: z.array(Id).min(1).max(10_000).optional(),
    filter: z.string().max(1024).optional(),
    perHost: z.int().min(1).max(16).default(2).describe('How many at once on one host.'),
  })
  .refine(
    (bulk) => (bulk.instances === undefined) !== (bulk.filter === undefined),
    'name either instances or a filter',
  )
  .meta({ id: 'Bulk' });
export type Bulk = z.infer<typeof Bulk>;
