import type { StoreTables } from './store-tables.ts';

/**
 * The tables of the database, for typed queries. Each room adds its own by declaration merging:
 * `declare module '@longshore/store' { interface Database { hosts: HostsTable } }`.
 */
export interface Database extends StoreTables {}

/** The query language of the rooms above, so that all of them speak one version of it. */
export {
  type ColumnType,
  type Expression,
  type ExpressionBuilder,
  type Generated,
  type Insertable,
  type RawBuilder,
  type Selectable,
  type Selection,
  type SqlBool,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
export { type BackupSummary, backup } from './backup/backup.ts';
export { restore } from './backup/restore.ts';
export { type ConnectStoreOptions, connectStore, type Query, type Store } from './connect-store.ts';
export type { PostmasterExit } from './embedded/postmaster.ts';
export type { PostgresSettings } from './embedded/settings.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  embeddedPostgresUrl,
  startEmbeddedPostgres,
} from './embedded/start-embedded-postgres.ts';
export { addJob, type JobOptions, removeJob } from './jobs/add-job.ts';
export { createJobs, type Jobs, type JobsOptions } from './jobs/create-jobs.ts';
export type { Fence, JobDefinition, JobFailure, JobHandler, JobResult, JobRun } from './jobs/job-handler.ts';
export { countJobs, type JobCounts } from './jobs/job-statements.ts';
export { TerminalError } from './jobs/terminal-error.ts';
export { wakeJobs } from './jobs/wake-job.ts';
export type { JobTiming } from './jobs/worker-life.ts';
export type { Lease } from './leases/check-lease.ts';
export { createLeases, type Leases, type LeasesOptions } from './leases/create-leases.ts';
export type { Share, ShareOutOptions, Sharing } from './leases/share-out.ts';
export type { ListenCallbacks, Listening } from './listener.ts';
export { type Log, type LogMethod, silentLog } from './log.ts';
export { type MigrationFile, type MigrationSet, migrate } from './migrate.ts';
export { readMigrations } from './read-migrations.ts';
export { hashToken, tokenMatches } from './sealing/hash-token.ts';
export { loadOrCreateKeyFile, rotateKeyFile } from './sealing/key-file.ts';
export { resealColumn, type SealedColumn } from './sealing/reseal-column.ts';
export { createSealer, type KeyRing, type Sealer, type SealingKey } from './sealing/sealer.ts';
export { StoreError, type StoreErrorCode, storeErrorCodes } from './store-error.ts';
