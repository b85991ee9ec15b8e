import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { sql, type Transaction } from 'kysely';
import type { Store } from '../connect-store.ts';
import type { Database } from '../index.ts';
import { type BackupTable, listSequences, listTables, readSchemaVersion, tableSql } from './backup-tables.ts';

/** What went into a backup, or came out of one. */
export interface BackupSummary {
  readonly tables: number;
  readonly rows: number;
  /** Over everything before the last line. */
  readonly sha256: string;
}

const batchRows = 500;

/**
 * Writes the whole database, as it is at one moment, while everything goes on. The format is JSON lines, described in
 * the README; values stay sealed, and the key file is not part of it.
 *
 * @param target is written to with back-pressure and not ended
 */
export async function backup(store: Store, target: Writable): Promise<BackupSummary> {
  const hash = createHash('sha256');
  // A target that fails or is closed (a client that went away) ends the backup; it may do so between two writes.
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined); // heard by the next write
  const closed = () => gone.reject(new Error('The stream that takes the backup was closed before its end.'));
  target.on('error', gone.reject);
  target.on('close', closed);
  const write = async (text: string): Promise<void> => {
    hash.update(text);
    if (!target.write(text)) await Promise.race([once(target, 'drain'), gone.promise]);
  };
  try {
    return await store.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        // A slow target makes us wait between statements; that is no dead client.
        await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
        const tables = await listTables(trx);
        const schema = await readSchemaVersion(trx);
        const { rows: time } = await sql<{ now: Date }>`select now() as now`.execute(trx);
        await write(
          line({ '@': 'longshore-backup', version: 1, createdAt: time[0]?.now.toISOString(), schema }),
        );
        let rows = 0;
        for (const table of tables) rows += await writeTable(trx, table, write);
        for (const sequence of await listSequences(trx)) await write(line({ '@': 'sequence', ...sequence }));
        const sha256 = hash.copy().digest('hex');
        const last = line({ '@': 'complete', tables: tables.length, rows, sha256 });
        await Promise.race([writeLast(target, last), gone.promise]);
        return { tables: tables.length, rows, sha256 };
      });
  } finally {
    target.off('error', gone.reject);
    target.off('close', closed);
  }
}

/** Resolves once the target has taken this and everything before it: only then is there a backup. */
function writeLast(target: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    target.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

async function writeTable(
  trx: Transaction<Database>,
  table: BackupTable,
  write: (text: string) => Promise<void>,
): Promise<number> {
  await write(line({ '@': 'table', ...table }));
  const columns = sql.join(table.columns.map((column) => sql.ref(`t.${column}`)));
  // The rows are written by PostgreSQL itself: no value passes through our types, so none can change.
  await sql`
    declare backup_rows no scroll cursor for
    select row_to_json(r)::text as row from (select ${columns} from ${tableSql(table)} t) r`.execute(trx);
  let count = 0;
  for (;;) {
    const { rows } = await sql<{ row: string }>`fetch ${sql.lit(batchRows)} from backup_rows`.execute(trx);
    if (rows.length === 0) break;
    count += rows.length;
    await write(rows.map(({ row }) => `${oneLine(row)}\n`).join(''));
  }
  await sql`close backup_rows`.execute(trx);
  await write(line({ '@': 'end', rows: count }));
  return count;
}

/** A column of type json keeps the line breaks it was given; between tokens they mean nothing. */
function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, ' ');
}
