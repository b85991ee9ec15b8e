import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { sql, type Transaction } from 'kysely';
import type { Store } from '../connect-store.ts';
import type { Database } from '../index.ts';
import { messageOf, StoreError } from '../store-error.ts';
import type { BackupSummary } from './backup.ts';
import { type BackupTable, listTables, readSchemaVersion, tableSql } from './backup-tables.ts';
import { takeConstraintsOff } from './constraints.ts';
import { type ControlLine, parseControlLine } from './control-line.ts';

const batchRows = 500;
const batchCharacters = 1_000_000;

/**
 * Brings a backup back into a database that was migrated by the same version and holds nothing yet. All or nothing:
 * it is one transaction, and every checksum is compared before it is committed.
 *
 * @throws StoreError `backup_invalid`, `backup_schema_mismatch`, `restore_not_empty`
 */
export async function restore(store: Store, source: Readable): Promise<BackupSummary> {
  return store.db.transaction().execute(async (trx) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
    const tables = await listTables(trx);
    await refuseUnlessEmpty(trx, tables);
    const putConstraintsBack = await takeConstraintsOff(trx, tables);
    for (const table of tables) await sql`delete from ${tableSql(table)}`.execute(trx);
    const summary = await readAll(trx, tables, linesOf(source));
    await putConstraintsBack();
    return summary;
  });
}

/** The lines of a stream. (node:readline loses lines that come before it is iterated.) */
async function* linesOf(source: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') throw invalid('it was cut off');
}

/** Rows that migrations put in are no data: they bear the transaction of a migration, and come again with the backup. */
async function refuseUnlessEmpty(trx: Transaction<Database>, tables: readonly BackupTable[]): Promise<void> {
  for (const table of tables) {
    const { rows } = await sql`
      select from ${tableSql(table)}
      where xmin::text not in (select xmin::text from store_migrations) limit 1`.execute(trx);
    if (rows.length === 0) continue;
    throw new StoreError(
      'restore_not_empty',
      `The database holds data already (table ${table.schema}.${table.name}). Restore into a new data directory.`,
    );
  }
}

async function readAll(
  trx: Transaction<Database>,
  tables: readonly BackupTable[],
  lines: AsyncIterable<string>,
): Promise<BackupSummary> {
  const known = new Map(tables.map((table) => [`${table.schema}.${table.name}`, table]));
  const hash = createHash('sha256');
  let begun = false;
  let complete: BackupSummary | undefined;
  let filling: Filling | undefined;
  const total = { tables: 0, rows: 0 };

  for await (const text of lines) {
    if (complete) throw invalid('there is more after its end');
    const control = text.startsWith('{"@":') ? parseControlLine(text) : undefined;
    if (control?.['@'] === 'complete') complete = checkComplete(control, total, hash.digest('hex'));
    else hash.update(`${text}\n`);
    if (!begun) {
      await checkHeader(trx, control);
      begun = true;
      continue;
    }
    if (control === undefined) {
      if (filling === undefined) throw invalid('a row stands outside of a table');
      await filling.add(text);
      continue;
    }
    switch (control['@']) {
      case 'longshore-backup':
        throw invalid('it begins twice');
      case 'table': {
        if (filling) throw invalid(`table ${control.name} begins inside another`);
        const table = known.get(`${control.schema}.${control.name}`);
        if (table === undefined) throw invalid(`there is no table ${control.schema}.${control.name}`);
        filling = fill(trx, table, control.columns);
        break;
      }
      case 'end': {
        const rows = await filling?.finish();
        if (rows !== control.rows) throw invalid(`a table has ${rows} rows instead of ${control.rows}`);
        filling = undefined;
        total.tables += 1;
        total.rows += control.rows;
        break;
      }
      case 'sequence':
        await sql`select setval(
          format('%I.%I', ${control.schema}::text, ${control.name}::text)::regclass, ${control.value}::bigint, ${control.called}
        )`.execute(trx);
        break;
      case 'complete':
        break;
    }
  }
  if (complete === undefined) throw invalid('it was cut off');
  return complete;
}

async function checkHeader(trx: Transaction<Database>, control: ControlLine | undefined): Promise<void> {
  if (control?.['@'] !== 'longshore-backup') throw invalid('it is no backup of Longshore');
  const here = await readSchemaVersion(trx);
  const there = control.schema;
  if (JSON.stringify(here) === JSON.stringify(there)) return;
  const only = (a: readonly string[], b: readonly string[]) => a.filter((each) => !b.includes(each))[0];
  const differing = only(there.migrations, here.migrations) ?? only(here.migrations, there.migrations);
  throw new StoreError(
    'backup_schema_mismatch',
    `The backup was made by another version of Longshore (${differing ?? `job queue ${there.queue}`}). ` +
      'Restore it with the version that made it, and upgrade then.',
  );
}

function checkComplete(
  control: Extract<ControlLine, { '@': 'complete' }>,
  total: { readonly tables: number; readonly rows: number },
  sha256: string,
): BackupSummary {
  if (control.sha256 !== sha256) throw invalid('its checksum does not match: it was damaged');
  if (control.rows !== total.rows || control.tables !== total.tables)
    throw invalid('parts of it are missing');
  return { ...total, sha256 };
}

interface Filling {
  add(row: string): Promise<void>;
  /** Writes what is left and returns the number of rows. */
  finish(): Promise<number>;
}

function fill(trx: Transaction<Database>, table: BackupTable, columns: readonly string[]): Filling {
  const names = sql.join(columns.map((column) => sql.id(column)));
  let batch: string[] = [];
  let characters = 0;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const json = `[${batch.join(',')}]`;
    batch = [];
    characters = 0;
    try {
      await sql`
        insert into ${tableSql(table)} (${names}) overriding system value
        select ${names} from json_populate_recordset(null::${tableSql(table)}, ${json}::json)`.execute(trx);
    } catch (error) {
      throw invalid(`rows of ${table.name} do not go in (${messageOf(error)})`, error);
    }
  };
  return {
    add: async (row) => {
      batch.push(row);
      characters += row.length;
      count += 1;
      if (batch.length >= batchRows || characters >= batchCharacters) await flush();
    },
    finish: async () => {
      await flush();
      return count;
    },
  };
}

function invalid(reason: string, cause?: unknown): StoreError {
  return new StoreError('backup_invalid', `The backup cannot be restored: ${reason}. Nothing was changed.`, {
    cause,
  });
}
