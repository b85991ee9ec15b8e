import { sql } from 'kysely';
import type { Store } from '../connect-store.ts';
import { envelopePrefix, type Sealer } from './sealer.ts';

/** A column that holds envelopes. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The primary key, whatever its type; it is compared as text. Default `id`. */
  readonly idColumn?: string;
  /** The context under which the value of a row was sealed. */
  readonly contextOf: (id: string) => string;
}

/** Small enough that nobody waits long for a row. */
const batchRows = 100;

/**
 * Seals every value of a column under the active key, in batches, while the program runs.
 *
 * @returns how many it sealed anew
 */
export async function resealColumn(store: Store, sealer: Sealer, target: SealedColumn): Promise<number> {
  const table = sql.table(target.table);
  const column = sql.ref(target.column);
  const id = sql.ref(target.idColumn ?? 'id');
  const prefix = envelopePrefix(sealer.activeKeyId);
  for (let total = 0; ; ) {
    const count = await store.transaction(async (trx) => {
      const { rows } = await sql<{ id: string; envelope: string }>`
        select ${id}::text as id, ${column} as envelope from ${table}
        where ${column} is not null and not starts_with(${column}, ${prefix})
        limit ${batchRows} for update`.execute(trx);
      for (const row of rows) {
        const sealed = sealer.reseal(row.envelope, target.contextOf(row.id));
        await sql`update ${table} set ${column} = ${sealed} where ${id}::text = ${row.id}`.execute(trx);
      }
      return rows.length;
    });
    if (count === 0) return total;
    total += count;
  }
}
