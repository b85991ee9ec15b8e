import type { ColumnType, Generated } from '@longshore/store';
import type { JsonColumnWithDefault } from '../operations/operations-table.ts';

/** Table `instances`. Desired columns belong to intents and handlers, observed ones to sync; see 0001-fleet.sql. */
export interface InstancesTable {
  readonly id: string;
  readonly host_id: string;
  readonly lxd_project: Generated<string>;
  readonly name: string;
  readonly type: 'container' | 'virtual-machine';
  // Desired.
  readonly claimed: Generated<boolean>;
  readonly protected: Generated<boolean>;
  readonly labels: JsonColumnWithDefault;
  readonly placement_reason: string | null;
  readonly revision: Generated<number>;
  readonly created_by: string | null;
  readonly added_at: Generated<Date>;
  /** The project that it belongs to. */
  readonly project_id: string | null;
  readonly expires_at: Date | null;
  /** Days before the end that its owners were warned of last. */
  readonly expiry_warned: number | null;
  /** What was accepted last of what counts against quotas: limits, and the size of the root disk. */
  readonly asked_config: ColumnType<unknown, string | null | undefined, string | null>;
  readonly asked_disk: string | null;
  /** Accounts of the guest that have the SSH keys; null: what the project or the default says. */
  readonly login_users: string[] | null;
  /** The one unfinished operation that may change it. */
  readonly operation_id: string | null;
  // Observed.
  readonly status: Generated<
    'pending' | 'running' | 'stopped' | 'frozen' | 'starting' | 'stopping' | 'error' | 'unknown' | 'missing'
  >;
  readonly description: Generated<string>;
  readonly architecture: string | null;
  readonly ephemeral: Generated<boolean>;
  readonly profiles: JsonColumnWithDefault;
  readonly config: JsonColumnWithDefault;
  readonly devices: JsonColumnWithDefault;
  readonly image: string | null;
  readonly host_uuid: string | null;
  readonly addresses: JsonColumnWithDefault;
  readonly snapshots: JsonColumnWithDefault;
  readonly created_at: Date | null;
  readonly last_used_at: Date | null;
  readonly observed_at: Date | null;
  readonly missing_since: Date | null;
  /** Written by a trigger alone. */
  readonly summary: ColumnType<string, never, never>;
  /** The transaction that changed it last. */
  readonly summary_txid: ColumnType<string, never, never>;
}

declare module '@longshore/store' {
  interface Database {
    instances: InstancesTable;
  }
}
