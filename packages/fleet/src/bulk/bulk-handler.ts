import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf, LongshoreError } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { deleteInstance } from '../instances/delete-instance.ts';
import { powerInstance } from '../instances/power-instance.ts';
import { createSnapshot } from '../instances/snapshots.ts';
import { moveInstance } from '../moves/move-instance.ts';
import type { Requester } from '../operations/accept.ts';
import { cancelOperation } from '../operations/cancel-operation.ts';
import { againAfter, defineHandler, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import { BulkInput } from './bulk.ts';
import './bulk-items-table.ts';

/**
 * Accepts the items' operations, only so many per host that its queue stays short, and looks again until all have
 * ended. It gives its worker back every few seconds: ten thousand items may take an hour.
 */
export const bulkHandler = defineHandler({ action: 'bulk', input: BulkInput, run: runBulk });

type BulkOperation = RunningOperation<BulkInput>;

/** Items accepted in one go, and at once: 20 ms each on two busy cores (2026-11-30), most of it waiting for commits. */
const BATCH = 100;
const AT_ONCE = 4;
/** Between two looks; a power action takes about a second, and a look at 10,000 items costs 25 ms. */
const LOOK_AGAIN_MS = 250;
/** How long one run goes on. The queue takes up to a second to begin the next one, so it is worth some looks. */
const RUN_MS = 5000;

async function runBulk(op: BulkOperation): Promise<RunOutcome> {
  // Where lists of operations look for it.
  if (op.memory.total === undefined) await op.remember({ total: op.input.total });
  const until = performance.now() + RUN_MS;
  for (;;) {
    const { counts, waiting } = await proceed(op);
    if (counts.unfinished === 0 && waiting === 0) return conclude(op, counts);
    if (performance.now() > until) return againAfter(LOOK_AGAIN_MS);
    await delay(LOOK_AGAIN_MS, undefined, { signal: op.lifetime });
  }
}

/** Begins what may begin now, or stops it all, and tells how things stand. */
async function proceed(op: BulkOperation): Promise<{ readonly counts: Counts; readonly waiting: number }> {
  const { store } = op.context;
  if (op.signal.aborted) await stopBulk(op);
  else await acceptAll(op, [...(await dueItems(op))]);
  op.lifetime.throwIfAborted();
  const counts = await countChildren(store, op.id);
  op.progress((100 * (counts.succeeded + counts.failed + counts.cancelled)) / op.input.total);
  return { counts, waiting: await countWaiting(store, op.id) };
}

function conclude(op: BulkOperation, { succeeded, failed, cancelled }: Counts): RunOutcome {
  op.throwIfCancelled();
  if (failed + cancelled === 0) return { succeeded };
  throw new LongshoreError(
    'partly-failed',
    `${succeeded} of ${op.input.total} succeeded, ${failed} failed, ${cancelled} were cancelled.`,
    { hint: `Each has its own operation with the cause: list operations with parent:${op.id}.` },
  );
}

const Item = z.object({ position: z.number(), instance_id: z.string(), host_id: z.string() });
type Item = z.infer<typeof Item>;

/** The next items, so many that no host has more than its share of unfinished ones. */
async function dueItems(op: BulkOperation): Promise<readonly Item[]> {
  const { rows } = await sql`
    WITH busy AS (
      SELECT host_id, count(*) AS n FROM operations
      WHERE parent_id = ${op.id} AND status IN ('queued', 'running', 'cancelling') GROUP BY host_id
    ), dealt AS (
      SELECT position, instance_id, host_id, row_number() OVER (PARTITION BY host_id ORDER BY position) AS nth
      FROM bulk_items WHERE operation_id = ${op.id}
    )
    SELECT dealt.position, dealt.instance_id, dealt.host_id FROM dealt LEFT JOIN busy USING (host_id)
    WHERE dealt.nth <= ${op.input.perHost} - coalesce(busy.n, 0)
    ORDER BY dealt.position LIMIT ${BATCH}`.execute(op.context.store.db);
  return z.array(Item).parse(rows);
}

async function acceptAll(op: BulkOperation, items: Item[]): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let item = items.shift(); item !== undefined; item = items.shift()) await acceptItem(op, item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/**
 * Accepts one item. Its idempotency key makes a second time after a kill the same as the first; what is refused has an
 * operation all the same, a failed one that tells why.
 */
async function acceptItem(op: BulkOperation, item: Item): Promise<void> {
  op.lifetime.throwIfAborted();
  const requester: Requester = {
    name: op.requestedBy,
    idempotencyKey: `bulk:${op.id}:${item.instance_id}`,
    requestHash: op.id,
  };
  try {
    await acceptAction(op, item.instance_id, requester);
  } catch (error) {
    if (!(error instanceof LongshoreError)) throw error;
    await recordRefusal(op, item, error);
  }
  await op.transaction(async (trx) => {
    await trx
      .deleteFrom('bulk_items')
      .where('operation_id', '=', op.id)
      .where('position', '=', item.position)
      .execute();
  });
}

async function acceptAction(op: BulkOperation, id: string, requester: Requester): Promise<void> {
  const { context, input } = op;
  const { action } = input;
  switch (action.do) {
    case 'power':
      await powerInstance(context, { id, ...action.power }, requester, op.id);
      return;
    case 'delete':
      await deleteInstance(context, { id, force: action.force }, requester, op.id);
      return;
    case 'snapshot':
      await createSnapshot(context, { id, ...action.snapshot }, requester, op.id);
      return;
    case 'move':
      await moveInstance(context, { id, ...action.move }, requester, op.id);
      return;
  }
}

const ACTIONS = {
  power: 'instance.power',
  delete: 'instance.delete',
  snapshot: 'instance.snapshot.create',
  move: 'instance.move',
} as const;

async function recordRefusal(op: BulkOperation, item: Item, refusal: LongshoreError): Promise<void> {
  await op.transaction(async (trx) => {
    const instance = await trx
      .selectFrom('instances')
      .select('name')
      .where('id', '=', item.instance_id)
      .executeTakeFirst();
    await trx
      .insertInto('operations')
      .values({
        id: randomUUID(),
        action: ACTIONS[op.input.action.do],
        target_kind: 'instance',
        target_id: item.instance_id,
        target_name: instance?.name ?? item.instance_id,
        host_id: item.host_id,
        parent_id: op.id,
        input: '{}',
        status: 'failed',
        failure: JSON.stringify(failureOf(refusal)),
        requested_by: op.requestedBy,
        idempotency_key: `bulk:${op.id}:${item.instance_id}`,
        request_hash: op.id,
        ended_at: sql<Date>`now()`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

/** Nothing more is begun: items not accepted are dropped, operations that wait are cancelled, running ones end. */
async function stopBulk(op: BulkOperation): Promise<void> {
  op.lifetime.throwIfAborted();
  await op.transaction(async (trx) => {
    await trx.deleteFrom('bulk_items').where('operation_id', '=', op.id).execute();
  });
  const waiting = await op.context.store.db
    .selectFrom('operations')
    .select('id')
    .where('parent_id', '=', op.id)
    .where('status', '=', 'queued')
    .execute();
  for (const { id } of waiting) {
    try {
      await cancelOperation(op.context, { id }, { name: op.requestedBy });
    } catch (error) {
      // Ended between the two statements.
      if (!(error instanceof LongshoreError && error.code === 'conflict')) throw error;
    }
  }
}

const Counts = z.object({
  succeeded: z.coerce.number(),
  failed: z.coerce.number(),
  cancelled: z.coerce.number(),
  unfinished: z.coerce.number(),
});

type Counts = z.infer<typeof Counts>;

async function countChildren(store: Store, id: string): Promise<Counts> {
  const { rows } = await sql`
    SELECT count(*) FILTER (WHERE status = 'succeeded') AS succeeded, count(*) FILTER (WHERE status = 'failed') AS failed,
      count(*) FILTER (WHERE status = 'cancelled') AS cancelled, count(*) FILTER (WHERE ended_at IS NULL) AS unfinished
    FROM operations WHERE parent_id = ${id}`.execute(store.db);
  return Counts.parse(rows[0]);
}

async function countWaiting(store: Store, id: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM bulk_items WHERE operation_id = ${id}`.execute(store.db);
  return Number(rows[0]?.n ?? 0);
}
