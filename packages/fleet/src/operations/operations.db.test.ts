import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { z } from 'zod';
import { eventually, openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { accept, acceptOnce, type Requester } from './accept.ts';
import { cancelOperation } from './cancel-operation.ts';
import {
  type AnyOperationHandler,
  againAfter,
  defineHandler,
  type RunningOperation,
  type RunOutcome,
} from './handler.ts';
import { pruneOperations } from './prune-operations.ts';
import { getOperation, listOperations } from './read-operations.ts';
import { waitOperation } from './wait-operation.ts';
import { wakeHost } from './wake-host.ts';

const me: Requester = { name: 'tester' };

/** A handler for tests, under an action that they do not need otherwise. */
function handler(run: (op: RunningOperation<unknown>) => Promise<RunOutcome>): AnyOperationHandler {
  return defineHandler({ action: 'image.remove', input: z.unknown(), run });
}

function request(fleet: TestFleet, requester: Requester = me, secrets?: Record<string, string>) {
  const { context, hostIds } = fleet;
  return acceptOnce(context, requester, async (trx) => ({
    operation: await accept(context, trx, {
      action: 'image.remove',
      target: { kind: 'host', id: hostIds[0] ?? null, name: 'sim1' },
      hostId: hostIds[0] ?? null,
      input: {},
      secrets,
      requester,
    }),
  }));
}

describe('an operation', () => {
  it('runs once, with its steps, secrets and result; the secrets are gone at its end (S3, S8)', async (t) => {
    const fleet = await openTestFleet(t);
    const { operation } = await request(fleet, me, { password: 'hush' });
    const sealed = () =>
      fleet.context.store.db.selectFrom('operations').select('input_sealed').executeTakeFirstOrThrow();
    const before = await sealed();
    assert.ok(before.input_sealed !== null && !before.input_sealed.includes('hush'));
    await fleet.work([
      handler(async (op) => {
        await op.step('first', async () => op.note('a remark'));
        op.progress(40);
        return { said: op.secrets.password };
      }),
    ]);
    const done = await fleet.ended(operation);
    assert.equal(done.status, 'succeeded');
    assert.deepEqual(done.result, { said: 'hush' });
    assert.deepEqual(
      [done.steps[0]?.name, done.steps[0]?.status, done.steps[0]?.message],
      ['first', 'done', 'a remark'],
    );
    assert.deepEqual([done.attempts, done.progressPercent], [1, 100]);
    assert.deepEqual(await sealed(), { input_sealed: null });
  });

  it('is remembered once per idempotency key, also by racers (S2)', async (t) => {
    const fleet = await openTestFleet(t);
    const keyed = { name: 'tester', idempotencyKey: 'k1', requestHash: 'h1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => request(fleet, keyed)));
    assert.equal(new Set(answers.map(({ operation }) => operation.id)).size, 1);
    await assert.rejects(
      request(fleet, { ...keyed, requestHash: 'h2' }),
      (error) => error instanceof LongshoreError && error.code === 'idempotency-mismatch',
    );
    await request(fleet, { ...keyed, name: 'somebody else', requestHash: 'h2' });
    assert.equal((await listOperations(fleet.context, { limit: 50 })).total, 2);
  });

  it('is tried again after what may pass, and at once when its host is back (S5)', async (t) => {
    const fleet = await openTestFleet(t);
    let runs = 0;
    await fleet.work([
      handler(async (op) => {
        runs += 1;
        await op.remember({ runs });
        // The first pause is a second, the fourth ten: the test ends long before that without a wake.
        if (runs < 5) throw new LongshoreError('host-unreachable', 'it does not answer');
        return { remembered: op.memory.runs, attempt: op.attempt };
      }),
    ]);
    const { operation } = await request(fleet);
    const waiting = await eventually('a failed run', async () => {
      const now = await getOperation(fleet.context, operation.id);
      return now.status === 'queued' && now.failure !== null ? now : undefined;
    });
    assert.equal(waiting.failure?.code, 'host-unreachable');
    const done = await eventually('the end', async () => {
      await wakeHost(fleet.context, fleet.hostIds[0] ?? '');
      const now = await getOperation(fleet.context, operation.id);
      return now.endedAt === null ? undefined : now;
    });
    assert.equal(done.status, 'succeeded');
    assert.deepEqual(done.result, { remembered: 5, attempt: 5 });
    assert.equal(done.failure, null);
  });

  it('ends at the first failure that cannot pass (S5)', async (t) => {
    const fleet = await openTestFleet(t);
    await fleet.work([
      handler((op) =>
        op.step('try', () => {
          throw new LongshoreError('host-refused', 'no such pool', { hint: 'make one' });
        }),
      ),
    ]);
    const done = await fleet.ended((await request(fleet)).operation);
    assert.deepEqual([done.status, done.attempts], ['failed', 1]);
    assert.deepEqual(done.failure, { code: 'host-refused', message: 'no such pool', hint: 'make one' });
    assert.deepEqual([done.steps[0]?.status, done.steps[0]?.message], ['failed', 'no such pool']);
  });

  it('cancelled before its first run never runs; cancelled while it runs stops where that is safe (S6, S7)', async (t) => {
    const fleet = await openTestFleet(t);
    const unbegun = await request(fleet);
    const cancelled = await cancelOperation(fleet.context, unbegun.operation, me);
    assert.deepEqual(
      [cancelled.operation.status, cancelled.operation.failure?.code],
      ['cancelled', 'cancelled'],
    );
    const seen: string[] = [];
    await fleet.work([
      handler(async (op) => {
        seen.push(op.id);
        await new Promise((resolve) => op.signal.addEventListener('abort', resolve, { once: true }));
        if (seen.length === 1) op.throwIfCancelled();
        return { finished: true };
      }),
    ]);
    const stops = await request(fleet);
    await eventually('the run', async () => (seen.length === 1 ? true : undefined));
    assert.equal((await cancelOperation(fleet.context, stops.operation, me)).operation.status, 'cancelling');
    assert.equal((await fleet.ended(stops.operation)).status, 'cancelled');
    // Past its last safe point it finishes.
    const finishes = await request(fleet);
    await eventually('the run', async () => (seen.length === 2 ? true : undefined));
    await cancelOperation(fleet.context, finishes.operation, me);
    assert.equal((await fleet.ended(finishes.operation)).status, 'succeeded');
    await assert.rejects(
      cancelOperation(fleet.context, finishes.operation, me),
      (error) => error instanceof LongshoreError && error.code === 'conflict',
    );
    assert.deepEqual(seen, [stops.operation.id, finishes.operation.id]);
  });

  it('cancelled between two runs does not wait for the pause to end (S6)', async (t) => {
    const fleet = await openTestFleet(t);
    await fleet.work([
      handler(async (op) => {
        op.throwIfCancelled();
        return againAfter(600_000);
      }),
    ]);
    const { operation } = await request(fleet);
    await eventually('the pause', async () => {
      const now = await getOperation(fleet.context, operation.id);
      return now.status === 'running' && now.attempts === 0 ? true : undefined;
    });
    await eventually('the end', async () => {
      const now = await cancelOperation(fleet.context, operation, me);
      return now.operation.status === 'cancelled' ? true : undefined;
    });
    assert.equal((await getOperation(fleet.context, operation.id)).status, 'cancelled');
  });

  it('of a lost worker is taken over, and the lost one cannot write any more (S4)', async (t) => {
    const fleet = await openTestFleet(t);
    const first = Promise.withResolvers<RunningOperation<unknown>>();
    const free = Promise.withResolvers<void>();
    let runs = 0;
    const both = handler(async (op) => {
      runs += 1;
      if (runs > 1) return { by: runs };
      await op.remember({ begun: true });
      first.resolve(op);
      await free.promise;
      return { by: 'the lost one' };
    });
    const lost = await fleet.work([both]);
    const { operation } = await request(fleet);
    const op = await first.promise;
    await lost.stop(0); // breaks the run off and gives the job back, as its death would
    await fleet.work([both]);
    const done = await fleet.ended(operation);
    assert.deepEqual([done.status, done.result, done.attempts], ['succeeded', { by: 2 }, 2]);
    assert.equal(op.lifetime.aborted, true);
    await assert.rejects(op.remember({ too: 'late' }));
    free.resolve();
    assert.deepEqual((await getOperation(fleet.context, operation.id)).result, { by: 2 });
  });

  it('is waited for without polling, at most as long as asked', async (t) => {
    const fleet = await openTestFleet(t);
    const { operation } = await request(fleet);
    assert.equal((await waitOperation(fleet.context, operation.id, 0)).status, 'queued');
    const stop = new AbortController();
    const given = waitOperation(fleet.context, operation.id, 60, stop.signal);
    stop.abort();
    assert.equal((await given).status, 'queued');
    const waiting = waitOperation(fleet.context, operation.id, 60);
    await fleet.work([handler(async () => undefined)]);
    assert.equal((await waiting).status, 'succeeded');
  });
});

describe('the list of operations', () => {
  it('comes in pages without gaps, the newest first, filtered, and is pruned', async (t) => {
    const fleet = await openTestFleet(t);
    const { context } = fleet;
    for (let n = 0; n < 3; n += 1) {
      // All of one transaction have the same moment: the identifier decides.
      await context.store.transaction(async (trx) => {
        for (let m = 0; m < 3; m += 1) {
          await accept(context, trx, {
            action: n === 1 ? 'image.copy' : 'image.remove',
            target: { kind: 'host', id: null, name: `h${n}` },
            hostId: null,
            input: {},
            requester: me,
          });
        }
      });
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listOperations(context, { limit: 2, cursor });
      assert.equal(page.total, 9);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.equal(new Set(seen).size, 9);
    const filtered = await listOperations(context, {
      limit: 50,
      filter: 'action:image.copy status:queued -target:h0',
    });
    assert.equal(filtered.total, 3);
    await assert.rejects(
      listOperations(context, { limit: 2, cursor: 'bm9uc2Vuc2U' }),
      (error) => error instanceof LongshoreError && error.code === 'bad-cursor',
    );
    await sql`UPDATE operations SET created_at = created_at - interval '40 days',
      ended_at = CASE WHEN target_name = 'h0' THEN now() - interval '39 days' END`.execute(context.store.db);
    assert.equal(await pruneOperations(context.store, 30), 3);
    assert.equal((await listOperations(context, { limit: 50 })).total, 6);
  });
});
