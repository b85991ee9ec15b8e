import type { Generated } from 'kysely';

/** What the migrations did, one row per applied file (made by `migrate` itself). */
export interface MigrationsTable {
  readonly room: string;
  readonly id: string;
  readonly checksum: string;
  readonly applied_at: Generated<Date>;
}

/** Living job workers and when each was last heard of, by the database's clock. */
export interface WorkersTable {
  readonly id: string;
  readonly seen_at: Generated<Date>;
}

/** One named thing that one owner at a time may hold. Rows stay when free, for their fence to go on growing. */
export interface LeasesTable {
  readonly kind: string;
  readonly key: string;
  readonly owner: string | null;
  readonly fence: number;
  readonly expires_at: Date | null;
}

/** Who takes part in sharing out the keys of a kind, and until when it counts. */
export interface ShareMembersTable {
  readonly kind: string;
  readonly member: string;
  readonly expires_at: Date;
}

/** The store's own tables. */
export interface StoreTables {
  readonly store_migrations: MigrationsTable;
  readonly store_workers: WorkersTable;
  readonly store_leases: LeasesTable;
  readonly store_share_members: ShareMembersTable;
}
