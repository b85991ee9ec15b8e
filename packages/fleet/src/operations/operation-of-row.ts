import { FINAL_OPERATION_STATUSES, Operation, type OperationStatus } from '@longshore/contract';
import type { Selectable } from '@longshore/store';
import type { OperationsTable } from './operations-table.ts';

/** A row as {@link operationOf} takes it; `items` are the counts of a bulk operation's children. */
export type OperationRow = Omit<
  Selectable<OperationsTable>,
  | 'input'
  | 'input_sealed'
  | 'memory'
  | 'idempotency_key'
  | 'request_hash'
  | 'failures'
  | 'queue'
  | 'requester_id'
  | 'project_id'
> & { readonly items?: unknown };

/** The columns of {@link OperationRow}: never the input, which may be large. */
export const OPERATION_COLUMNS = [
  'id',
  'action',
  'target_kind',
  'target_id',
  'target_name',
  'host_id',
  'parent_id',
  'status',
  'progress',
  'steps',
  'attempts',
  'failure',
  'result',
  'requested_by',
  'created_at',
  'started_at',
  'ended_at',
] as const satisfies readonly (keyof OperationsTable)[];

/** The operation that a row describes, as the API shows it. */
export function operationOf(row: OperationRow): Operation {
  return Operation.parse({
    id: row.id,
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    hostId: row.host_id,
    parentId: row.parent_id,
    status: row.status,
    progressPercent: row.progress,
    steps: row.steps,
    attempts: row.attempts,
    failure: row.failure,
    result: row.result,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    items: row.items ?? null,
  });
}

/** Whether nothing more happens in this state. */
export function isFinalStatus(status: OperationStatus): boolean {
  return FINAL_OPERATION_STATUSES.some((final) => final === status);
}
