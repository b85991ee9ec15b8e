import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Store } from './connect-store.ts';
import { migrateQueue } from './jobs/migrate-queue.ts';
import { readMigrations } from './read-migrations.ts';
import { messageOf, StoreError } from './store-error.ts';

/** One numbered file. The id is `NNNN-what`, never changed once it left the developer's machine. */
export interface MigrationFile {
  readonly id: string;
  /** Runs in a transaction of its own, unless its first line is `-- no-transaction`. */
  readonly sql: string;
}

/** The migrations of one room, in order. */
export interface MigrationSet {
  readonly room: string;
  readonly files: readonly MigrationFile[];
}

const idPattern = /^\d{4}-[a-z0-9-]+$/;
const noTransactionPattern = /^\s*--\s*no-transaction\s*\n/;

/** One number for all of Longshore's migrators; the value spells "longshor". */
const lockKey = '7813594307494834034';
const lockPollMs = 100;
/** A migration that cannot get its table within this time would make all traffic queue up behind it. */
const lockTimeoutMs = 30_000;

/** The store's own migrations; {@link migrate} runs them first. */
export function storeMigrations(): Promise<MigrationSet> {
  return readMigrations('store', new URL('./migrations/', import.meta.url));
}

/**
 * Brings the database up to this program: the job queue, the store's own tables, then each set in the order
 * given. Several may start at once; one works and the others wait. Forward only.
 *
 * @throws StoreError `database_newer` when the database knows a migration that this program does not,
 * `migration_changed`, `migration_out_of_order`, `migration_invalid`, `migration_failed`
 */
export async function migrate(store: Store, sets: readonly MigrationSet[]): Promise<void> {
  const all = [await storeMigrations(), ...sets];
  checkSets(all);
  const client = await store.connect();
  try {
    await lock(client);
    try {
      await client.query(`set lock_timeout = ${lockTimeoutMs}`);
      await createMigrationsTable(client);
      const applied = await readApplied(client);
      checkApplied(all, applied);
      await migrateQueue(store);
      for (const set of all) await applySet(client, set, applied, store);
    } finally {
      await client.query('reset lock_timeout');
      await client.query('select pg_advisory_unlock($1::bigint)', [lockKey]);
    }
  } catch (error) {
    client.release(true); // its session may still hold the lock
    throw error;
  }
  client.release();
}

/** Waits by asking: a session that waits inside the lock holds a snapshot, on which CREATE INDEX CONCURRENTLY waits. */
async function lock(client: pg.PoolClient): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1::bigint) as locked',
      [lockKey],
    );
    if (rows[0]?.locked) return;
    await delay(lockPollMs);
  }
}

async function createMigrationsTable(client: pg.PoolClient): Promise<void> {
  await client.query(`
    create table if not exists store_migrations (
      room text not null,
      id text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      primary key (room, id)
    )`);
}

interface Applied {
  readonly room: string;
  readonly id: string;
  readonly checksum: string;
}

async function readApplied(client: pg.PoolClient): Promise<readonly Applied[]> {
  return (await client.query<Applied>('select room, id, checksum from store_migrations order by room, id'))
    .rows;
}

function checkSets(sets: readonly MigrationSet[]): void {
  const rooms = new Set<string>();
  for (const { room, files } of sets) {
    if (rooms.has(room))
      throw new StoreError('migration_invalid', `Two sets of migrations are named ${room}.`);
    rooms.add(room);
    files.forEach(({ id }, index) => {
      const previous = files[index - 1]?.id;
      if (!idPattern.test(id)) {
        throw new StoreError('migration_invalid', `Migration ${room}/${id} must be named NNNN-what.`);
      }
      if (previous !== undefined && previous.slice(0, 4) >= id.slice(0, 4)) {
        throw new StoreError('migration_invalid', `Migration ${room}/${id} does not come after ${previous}.`);
      }
    });
  }
}

function checkApplied(sets: readonly MigrationSet[], applied: readonly Applied[]): void {
  const known = new Map(
    sets.flatMap((set) => set.files.map((file) => [`${set.room}/${file.id}`, file] as const)),
  );
  for (const { room, id, checksum } of applied) {
    const file = known.get(`${room}/${id}`);
    if (file === undefined) {
      throw new StoreError(
        'database_newer',
        `The database was migrated by a newer Longshore (it has ${room}/${id}). Start that version or a later one.`,
      );
    }
    if (checksumOf(file) !== checksum) {
      throw new StoreError(
        'migration_changed',
        `Migration ${room}/${id} was changed after it had been applied. Undo the change and add a new migration.`,
      );
    }
  }
}

/** SHA-256 of the text, over which all sessions must agree. */
export function checksumOf(file: MigrationFile): string {
  return createHash('sha256').update(file.sql).digest('hex');
}

async function applySet(
  client: pg.PoolClient,
  set: MigrationSet,
  applied: readonly Applied[],
  store: Store,
): Promise<void> {
  const done = new Set(applied.filter((each) => each.room === set.room).map((each) => each.id));
  const newest = [...done].sort().at(-1);
  for (const file of set.files) {
    if (done.has(file.id)) continue;
    if (newest !== undefined && file.id < newest) {
      throw new StoreError(
        'migration_out_of_order',
        `Migration ${set.room}/${file.id} is new, but the later ${newest} is applied already. Give it a higher number.`,
      );
    }
    await applyFile(client, set.room, file);
    store.log.info({ migration: `${set.room}/${file.id}` }, 'migrated the database');
  }
}

async function applyFile(client: pg.PoolClient, room: string, file: MigrationFile): Promise<void> {
  const record = () =>
    client.query('insert into store_migrations (room, id, checksum) values ($1, $2, $3)', [
      room,
      file.id,
      checksumOf(file),
    ]);
  const inTransaction = !noTransactionPattern.test(file.sql);
  try {
    if (inTransaction) await client.query('begin');
    await client.query(file.sql);
    await record();
    if (inTransaction) await client.query('commit');
  } catch (error) {
    if (inTransaction) await client.query('rollback');
    throw new StoreError(
      'migration_failed',
      `Migration ${room}/${file.id} failed: ${messageOf(error)}. ` +
        (inTransaction
          ? 'Nothing of it was kept.'
          : 'It runs without a transaction; it must be written so that it can run again.'),
      { cause: error },
    );
  }
}
