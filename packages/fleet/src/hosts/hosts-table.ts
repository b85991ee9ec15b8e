import type { Host, HostResources, HostStatus, HostWarning } from '@longshore/contract';
import type { ColumnType, Generated, Selectable } from '@longshore/store';

/** A jsonb column with a default: read parsed, written as JSON text. */
type DefaultedJson<Value> = ColumnType<Value, string | undefined, string>;

/** Hosts of the fleet. The desired half is a person's, the observed half belongs to sync (see the migration). */
export interface HostsTable {
  readonly id: string;
  // desired
  readonly name: string;
  readonly kind: 'lxd' | 'incus';
  /** `https://ADDRESS:PORT` or `unix:/PATH`. */
  readonly url: string;
  readonly fingerprint: string | null;
  readonly labels: DefaultedJson<Record<string, string>>;
  readonly maintenance: Generated<boolean>;
  readonly revision: Generated<number>;
  readonly created_at: Generated<Date>;
  readonly created_by: string;
  readonly trust_entry: string | null;
  readonly removing: Generated<boolean>;
  // observed
  readonly status: Generated<HostStatus>;
  readonly status_reason: string | null;
  readonly status_since: Generated<Date>;
  readonly seen_fingerprint: string | null;
  readonly server_uuid: string | null;
  readonly version: Generated<string>;
  readonly architectures: DefaultedJson<string[]>;
  /** Instance drivers as the server writes them, such as `lxc | qemu`; empty until it was read. */
  readonly driver: Generated<string>;
  readonly extensions: DefaultedJson<string[]>;
  readonly warnings: DefaultedJson<HostWarning[]>;
  readonly resources: ColumnType<HostResources | null, string | null, string | null>;
  readonly lxd_projects: DefaultedJson<string[]>;
  readonly profiles: DefaultedJson<Host['profiles']>;
  readonly networks: DefaultedJson<Host['networks']>;
  readonly observed_at: Date | null;
}

/** The installation's identity towards hosts: one row. */
export interface InstallationTable {
  readonly only_one: Generated<boolean>;
  readonly id: string;
  readonly client_certificate: string;
  readonly client_key_sealed: string;
  readonly created_at: Generated<Date>;
}

/** A host as the database has it. */
export type HostRow = Selectable<HostsTable>;

declare module '@longshore/store' {
  interface Database {
    hosts: HostsTable;
    installation: InstallationTable;
  }
}
