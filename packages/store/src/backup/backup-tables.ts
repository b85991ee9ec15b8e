import { sql } from 'kysely';
import type { Query } from '../connect-store.ts';

/** A table as a backup sees it. */
export interface BackupTable {
  readonly schema: string;
  readonly name: string;
  /** Those that can be written: generated ones come back by themselves. */
  readonly columns: readonly string[];
}

/** A sequence and where it stands. */
export interface BackupSequence {
  readonly schema: string;
  readonly name: string;
  readonly value: string;
  readonly called: boolean;
}

/** What the migrations did: a backup goes back only into a database where this is the same. */
export interface SchemaVersion {
  /** `room/id checksum`, sorted. */
  readonly migrations: readonly string[];
  /** The job queue's own migrations. */
  readonly queue: number;
}

/** Who lives right now is nothing to bring back, and what was migrated is compared, not copied. */
const leftOut = ['public.store_migrations', 'public.store_workers', 'public.store_share_members'];
/** A room's table whose comment holds this is left out as well: what it holds has no meaning in another database. */
const transientMark = '(not in backups)';
const schemas = ['public', 'graphile_worker'];

/** Every table to be kept, in a stable order. */
export async function listTables(query: Query): Promise<readonly BackupTable[]> {
  const { rows } = await sql<BackupTable>`
    select n.nspname as schema, c.relname as name,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
      ) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(${schemas}) and c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname || '.' || c.relname <> all(${leftOut})
      and coalesce(obj_description(c.oid, 'pg_class'), '') not like ${`%${transientMark}%`}
      and not (n.nspname = 'graphile_worker' and c.relname = 'migrations')
    order by 1, 2`.execute(query);
  return rows;
}

/** Every sequence, with its state. */
export async function listSequences(query: Query): Promise<readonly BackupSequence[]> {
  const { rows } = await sql<BackupSequence>`
    select schemaname as schema, sequencename as name,
      coalesce(last_value, start_value)::text as value, last_value is not null as called
    from pg_sequences where schemaname = any(${schemas}) order by 1, 2`.execute(query);
  return rows;
}

/** The version of the schema. */
export async function readSchemaVersion(query: Query): Promise<SchemaVersion> {
  const { rows } = await sql<{ migrations: readonly string[]; queue: number }>`
    select
      array(select room || '/' || id || ' ' || checksum from store_migrations order by 1) as migrations,
      (select max(id) from graphile_worker.migrations) as queue`.execute(query);
  return rows[0] ?? { migrations: [], queue: 0 };
}

/** The table's name as SQL. */
export function tableSql(table: Pick<BackupTable, 'schema' | 'name'>) {
  return sql.id(table.schema, table.name);
}
