import type { Generated } from '@longshore/store';

/** Table `projects`. */
export interface ProjectsTable {
  readonly id: string;
  readonly name: string;
  readonly description: Generated<string>;
  readonly max_instances: number | null;
  readonly max_cpu: number | null;
  readonly max_memory_bytes: number | null;
  readonly max_disk_bytes: number | null;
  readonly default_lifetime_days: number | null;
  readonly max_lifetime_days: number | null;
  /** Accounts of its guests that have the SSH keys; null: root and the default user of the image. */
  readonly login_users: string[] | null;
  readonly revision: Generated<number>;
  readonly created_at: Generated<Date>;
  readonly created_by: string;
}

declare module '@longshore/store' {
  interface Database {
    projects: ProjectsTable;
  }
}
