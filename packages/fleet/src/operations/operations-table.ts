import type { ColumnType, Generated } from '@longshore/store';

/** A jsonb column: read as unknown and parsed by its reader, written as JSON text. */
export type JsonColumn = ColumnType<unknown, string, string>;
/** A jsonb column with a default. */
export type JsonColumnWithDefault = ColumnType<unknown, string | undefined, string>;

/** Table `operations`: one asked-for change each. States and who changes them: docs/spec/operations.md. */
export interface OperationsTable {
  readonly id: string;
  readonly action: string;
  readonly target_kind: 'host' | 'instance' | 'image' | 'fleet';
  readonly target_id: string | null;
  readonly target_name: string;
  readonly host_id: string | null;
  readonly parent_id: string | null;
  readonly input: JsonColumn;
  readonly input_sealed: string | null;
  readonly status: Generated<'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled'>;
  readonly progress: number | null;
  readonly steps: JsonColumnWithDefault;
  readonly memory: JsonColumnWithDefault;
  /** Runs begun; a pause asked for by the handler does not count. */
  readonly attempts: Generated<number>;
  /** Runs that ended with an error which may pass: the place in the table of retry delays. */
  readonly failures: Generated<number>;
  /** The job queue that its job stands in; null for none. */
  readonly queue: string | null;
  readonly failure: JsonColumn | null;
  readonly result: JsonColumn | null;
  readonly requested_by: string;
  /** Identifier of the person, or of the robot's token. */
  readonly requester_id: string | null;
  /** Of the instance, when the operation began; written by a trigger. */
  readonly project_id: Generated<string | null>;
  readonly idempotency_key: string | null;
  readonly request_hash: string | null;
  readonly created_at: Generated<Date>;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

declare module '@longshore/store' {
  interface Database {
    operations: OperationsTable;
  }
}
