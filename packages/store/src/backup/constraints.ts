import { sql, type Transaction } from 'kysely';
import type { Database } from '../index.ts';
import { type BackupTable, tableSql } from './backup-tables.ts';

/**
 * Removes the foreign keys and switches the triggers off for the rest of the transaction, so that tables can be filled
 * in any order and nothing answers to rows that come back. The owner of the tables may do that;
 * `session_replication_role` would want a superuser, and would leave the foreign keys unchecked.
 *
 * @returns what puts them back; the foreign keys check every row then
 */
export async function takeConstraintsOff(
  trx: Transaction<Database>,
  tables: readonly BackupTable[],
): Promise<() => Promise<void>> {
  const { rows: foreignKeys } = await sql<{
    schema: string;
    table: string;
    name: string;
    definition: string;
  }>`
    select n.nspname as schema, c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'f' and k.conparentid = 0 and n.nspname = any(${[...new Set(tables.map((t) => t.schema))]})
  `.execute(trx);
  for (const key of foreignKeys) {
    await sql`alter table ${sql.id(key.schema, key.table)} drop constraint ${sql.id(key.name)}`.execute(trx);
  }
  for (const table of tables) await sql`alter table ${tableSql(table)} disable trigger user`.execute(trx);
  return async () => {
    for (const table of tables) await sql`alter table ${tableSql(table)} enable trigger user`.execute(trx);
    for (const key of foreignKeys) {
      // The definition is PostgreSQL's own rendering, quoted by it.
      await sql`
        alter table ${sql.id(key.schema, key.table)} add constraint ${sql.id(key.name)} ${sql.raw(key.definition)}
      `.execute(trx);
    }
  };
}
