import { type Failure, OperationStatus } from '@longshore/contract';
import { type Database, type Selectable, type Store, sql, type Transaction } from '@longshore/store';
import type { JournalState } from './journal.ts';
import type { OperationsTable } from './operations-table.ts';
import { releaseInstances } from './release-instances.ts';
import type { JobOutcome } from './run-operation.ts';
import { TRANSITIONS } from './transitions.ts';

/** Proves inside a transaction that the job still belongs to this worker; throws where it does not. */
export type Fence = { check(trx: Transaction<Database>): Promise<void> };

/** How a run ends. */
export type Ending =
  | { readonly event: 'succeed'; readonly result: Readonly<Record<string, unknown>> | null }
  | { readonly event: 'fail' | 'stop'; readonly failure: Failure }
  | { readonly event: 'retry'; readonly failure: Failure; readonly delayMs: number };

/** The row of an operation whose run has begun. */
export type BegunRow = Selectable<OperationsTable> & { readonly host_name: string | null };

/** The statements of one run on its row; each is fenced. */
export type OperationRows = Readonly<{
  transaction<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T>;
  /** Starts a run. Undefined: the operation has ended. */
  begin(): Promise<BegunRow | undefined>;
  remember(patch: Readonly<Record<string, unknown>>): Promise<void>;
  writeJournal(state: JournalState): Promise<void>;
  /** The handler wants to run again; returns after how many milliseconds (0 when a cancel came meanwhile). */
  pause(state: JournalState, delayMs: number): Promise<number>;
  /** Ends the run; `also` joins the transaction of a final end. */
  end(
    ending: Ending,
    state: JournalState,
    also: (trx: Transaction<Database>) => Promise<void>,
  ): Promise<JobOutcome>;
}>;

/** The table's column `begin` in SQL, so that a run begins with one statement: each one delays every launch. */
const begun = sql<OperationStatus>`CASE status ${sql.join(
  OperationStatus.options.map(
    (status) => sql`WHEN ${sql.lit(status)} THEN ${sql.lit(TRANSITIONS[status].begin)}`,
  ),
  sql` `,
)} END`;

export function operationRows(store: Store, id: string, fence: Fence): OperationRows {
  const transaction = <T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> =>
    store.transaction(async (trx) => {
      await fence.check(trx);
      return work(trx);
    });

  const lockRow = (trx: Transaction<Database>) =>
    trx.selectFrom('operations').select('status').where('id', '=', id).forUpdate().executeTakeFirst();

  return {
    transaction,

    begin: () =>
      transaction((trx) =>
        trx
          .updateTable('operations')
          .set({
            status: begun,
            attempts: sql<number>`attempts + 1`,
            started_at: sql<Date>`coalesce(started_at, now())`,
          })
          .where('id', '=', id)
          .where(begun, 'is not', null)
          .returningAll()
          .returning(
            sql<string | null>`(SELECT name FROM hosts WHERE hosts.id = operations.host_id)`.as('host_name'),
          )
          .executeTakeFirst(),
      ),

    remember: (patch) =>
      transaction(async (trx) => {
        await trx
          .updateTable('operations')
          .set({ memory: sql<string>`memory || ${JSON.stringify(patch)}::jsonb` })
          .where('id', '=', id)
          .execute();
      }),

    writeJournal: (state) =>
      transaction(async (trx) => {
        await trx
          .updateTable('operations')
          .set({ steps: JSON.stringify(state.steps), progress: state.progress })
          .where('id', '=', id)
          .execute();
      }),

    pause: (state, delayMs) =>
      transaction(async (trx) => {
        // A pause is not another attempt.
        const row = await trx
          .updateTable('operations')
          .set({
            attempts: sql<number>`attempts - 1`,
            steps: JSON.stringify(state.steps),
            progress: state.progress,
          })
          .where('id', '=', id)
          .returning('status')
          .executeTakeFirst();
        return row?.status === 'cancelling' ? 0 : delayMs;
      }),

    end: (ending, state, also) =>
      transaction(async (trx) => {
        const locked = await lockRow(trx);
        const status = locked === undefined ? null : TRANSITIONS[locked.status][ending.event];
        if (locked === undefined || status === null) return 'done';
        const written = { status, steps: JSON.stringify(state.steps), progress: state.progress };
        const failure = ending.event === 'succeed' ? null : JSON.stringify(ending.failure);
        if (ending.event === 'retry') {
          await trx
            .updateTable('operations')
            .set({ ...written, failure, failures: sql<number>`failures + 1` })
            .where('id', '=', id)
            .execute();
          // Cancelled while the run failed: the next run has only to clean up, and needs no pause for that.
          return { againAfterMs: locked.status === 'cancelling' ? 0 : ending.delayMs };
        }
        await also(trx);
        await releaseInstances(trx, id);
        await trx
          .updateTable('operations')
          .set({
            ...written,
            ...(ending.event === 'succeed' ? { progress: 100 } : {}),
            failure,
            // What failed may have a result all the same: which hosts it did (written by `also`).
            ...(ending.event === 'succeed'
              ? { result: ending.result === null ? null : JSON.stringify(ending.result) }
              : {}),
            input_sealed: null,
            ended_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        return 'done';
      }),
  };
}
