import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { addJob, countJobs, createJobs, type JobsOptions, type Store, TerminalError } from '../index.ts';
import { testDatabase, waitUntil } from '../testing/index.ts';

const migrations = [
  { room: 'test', files: [{ id: '0001-results', sql: 'create table results (who text, attempt int)' }] },
];
const timing = { heartbeatMs: 200, deadAfterMs: 3000, reapMs: 300, pollMs: 200 };

async function results(store: Store): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select who || ' ' || attempt as line from results order by line`.execute(store.db);
  return rows.map((row) => row.line);
}

async function startWorker(
  t: TestContext,
  store: Store,
  handlers: JobsOptions['handlers'],
  more: Partial<JobsOptions> = {},
) {
  const jobs = createJobs(store, {
    handlers,
    concurrency: 5,
    workerId: 'test',
    timing,
    random: () => 0,
    ...more,
  });
  t.after(() => jobs.stop(0));
  await jobs.start();
  return jobs;
}

function startStuckWorker(t: TestContext, url: string): ChildProcess {
  const child = fork(new URL('./fixtures/stuck-worker.ts', import.meta.url), {
    env: { ...process.env, TEST_URL: url },
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

describe('jobs', () => {
  it('exist with the commit of the transaction that adds them, and wake a worker', async (t) => {
    const { store } = await testDatabase(t);
    const ran: unknown[] = [];
    const jobs = await startWorker(t, store, {
      note: async (payload) => {
        ran.push(payload);
        return 'done';
      },
    });
    await assert.rejects(
      store.transaction(async (trx) => {
        await addJob(trx, 'note', { n: 1 });
        throw new Error('rolled back');
      }),
      /rolled back/,
    );
    await store.transaction((trx) => addJob(trx, 'note', { n: 2 }));
    await waitUntil('the job ran', () => ran.length > 0);
    await waitUntil('it is removed', async () => (await countJobs(store.db)).length === 0);
    assert.deepEqual(ran, [{ n: 2 }]);
    await jobs.stop();
  });

  it('are tried again after an error and not after a terminal one, whose cause is written down', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    const write = (who: string, attempt: number) =>
      sql`insert into results values (${who}, ${attempt})`.execute(store.db);
    const jobs = await startWorker(t, store, {
      twice: async (_payload, run) => {
        await write('twice', run.attempt);
        if (run.attempt === 1) throw new Error('passing');
        return 'done';
      },
      never: {
        run: async (_payload, run) => {
          await write('never', run.attempt);
          throw new TerminalError('no such thing', { code: 'not_found' });
        },
        failed: async (trx, _payload, failure) => {
          await sql`insert into results values (${`${failure.code}: ${failure.message}`}, 0)`.execute(trx);
        },
      },
      again: async (_payload, run) => {
        await write('again', run.attempt);
        return (await results(store)).filter((line) => line === 'again 1').length < 3
          ? { againAfterMs: 10 }
          : 'done';
      },
    });
    for (const name of ['twice', 'never', 'again']) await addJob(store.db, name, {});
    await waitUntil('all came to their ends', async () => {
      const counts = await countJobs(store.db);
      return counts.length === 1 && counts[0]?.failed === 1;
    });
    assert.deepEqual(await results(store), [
      'again 1',
      'again 1',
      'again 1',
      'never 1',
      'not_found: no such thing 0',
      'twice 1',
      'twice 2',
    ]);
    await jobs.stop();
  });

  it('of one queue never overlap, whatever the number of workers, and one queue does not hold up another', async (t) => {
    const { store } = await testDatabase(t);
    const running = new Map<string, number>();
    let most = 0;
    let overlaps = 0;
    let done = 0;
    const handlers: JobsOptions['handlers'] = {
      step: async (payload) => {
        const queue = JSON.stringify(payload);
        overlaps += running.get(queue) ?? 0;
        running.set(queue, 1);
        most = Math.max(most, [...running.values()].filter((n) => n > 0).length);
        await sql`select pg_sleep(0.01)`.execute(store.db);
        running.set(queue, 0);
        done += 1;
        return 'done';
      },
    };
    const workers = [await startWorker(t, store, handlers), await startWorker(t, store, handlers)];
    for (let n = 0; n < 60; n += 1)
      await addJob(store.db, 'step', { host: n % 4 }, { queue: `host-${n % 4}` });
    await waitUntil('all ran', () => done === 60);
    assert.equal(overlaps, 0);
    assert.ok(most > 1, 'different queues ran at the same time');
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it('with a key wait once, and are added behind one that runs', async (t) => {
    const { store } = await testDatabase(t);
    const gate = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    const jobs = await startWorker(t, store, {
      reconcile: async (payload) => {
        seen.push(payload);
        if (seen.length === 1) await gate.promise;
        return seen.length === 1 ? { againAfterMs: 3_600_000 } : 'done';
      },
    });
    const add = (n: number) => addJob(store.db, 'reconcile', { n }, { key: 'host:1', queue: 'host:1' });
    await add(1);
    await waitUntil('the first runs', () => seen.length === 1);
    await add(2);
    await add(3);
    gate.resolve();
    await waitUntil('none is left', async () => (await countJobs(store.db)).length === 0);
    assert.deepEqual(seen, [{ n: 1 }, { n: 3 }]);
    await jobs.stop();
  });

  it('are taken over when their worker is killed', async (t) => {
    const { store, url } = await testDatabase(t, { migrations });
    const stuck = startStuckWorker(t, url);
    await addJob(store.db, 'slow', {}, { queue: 'one' });
    assert.equal(await nextMessage(stuck), 'running');
    stuck.kill('SIGKILL');
    const jobs = await startWorker(t, store, {
      slow: async (_payload, run) => {
        await store.transaction(async (trx) => {
          await run.fence.check(trx);
          await sql`insert into results values ('heir', ${run.attempt})`.execute(trx);
        });
        return 'done';
      },
    });
    await waitUntil('the heir wrote', async () => (await results(store)).length > 0);
    assert.deepEqual(await results(store), ['heir 2']);
    await jobs.stop();
  });

  it('let a paused worker that comes back write nothing', async (t) => {
    const { store, url } = await testDatabase(t, { migrations });
    const stuck = startStuckWorker(t, url);
    await addJob(store.db, 'slow', {});
    assert.equal(await nextMessage(stuck), 'running');
    stuck.kill('SIGSTOP');
    const jobs = await startWorker(t, store, {
      slow: async (_payload, run) => {
        await sql`insert into results values ('heir', ${run.attempt})`.execute(store.db);
        return 'done';
      },
    });
    await waitUntil('the heir wrote', async () => (await results(store)).length > 0);
    const said = nextMessage(stuck);
    stuck.send('go on');
    stuck.kill('SIGCONT');
    assert.equal(await said, 'job_fence_lost');
    assert.deepEqual(await results(store), ['heir 2']);
    await jobs.stop();
  });

  it('that die with their worker in the last attempt are failed in order', async (t) => {
    const { store, url } = await testDatabase(t, { migrations });
    const stuck = startStuckWorker(t, url);
    await addJob(store.db, 'slow', {}, { maxAttempts: 1 });
    assert.equal(await nextMessage(stuck), 'running');
    stuck.kill('SIGKILL');
    const jobs = await startWorker(t, store, {
      slow: {
        run: () => Promise.reject(new Error('must not run')),
        failed: async (trx, _payload, failure) => {
          await sql`insert into results values (${failure.code ?? ''}, 1)`.execute(trx);
        },
      },
    });
    await waitUntil('the failure is written', async () => (await results(store)).length > 0);
    assert.deepEqual(await results(store), ['worker_lost 1']);
    await jobs.stop();
  });

  it('that do not end when the worker stops are broken off and given back uncounted', async (t) => {
    const { store } = await testDatabase(t);
    const started = Promise.withResolvers<AbortSignal>();
    const jobs = await startWorker(t, store, {
      endless: async (_payload, run) => {
        started.resolve(run.signal);
        await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
        throw new Error('broken off');
      },
    });
    await addJob(store.db, 'endless', {});
    const signal = await started.promise;
    await jobs.stop(50);
    assert.equal(signal.aborted, true);
    const { rows } = await sql`select attempts, locked_by from graphile_worker._private_jobs`.execute(
      store.db,
    );
    assert.deepEqual(rows, [{ attempts: 0, locked_by: null }]);
  });
});
