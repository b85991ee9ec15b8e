import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { FleetEvent } from '@longshore/contract';
import { type Query, type Store, silentLog, sql } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import {
  createEvents,
  type EventsOptions,
  eventsMigrations,
  pruneOutbox,
  type Subscription,
} from './index.ts';

const migrations = [await eventsMigrations()];
const HOST = '7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10';

async function openEvents(t: TestContext, options: Partial<EventsOptions> = {}) {
  const { store } = await testDatabase(t, { migrations });
  const events = createEvents(store, { log: silentLog, pollMs: 250, ...options });
  await events.start();
  t.after(() => events.close());
  return { store, events };
}

async function add(query: Query, name: string, type = 'instance.changed', host: string | null = null) {
  await sql`SELECT outbox_add(${type}, ${name}, ${host}::uuid, '{}')`.execute(query);
}

/** The next `count` events of a stream. */
async function take(stream: Subscription, count: number): Promise<readonly FleetEvent[]> {
  const taken: FleetEvent[] = [];
  for await (const event of stream) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

const names = (events: readonly FleetEvent[]) => events.map((event) => event.resourceId);

/** Events that were there before the stream of a new process began. */
async function addBefore(store: Store, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await add(store.db, `old-${n}`);
}

// Numbers refer to the invariants of docs/spec/event-stream.md.
describe('the stream of events', () => {
  it('gives what is committed after it was opened, chosen by type and host', {
    timeout: 60_000,
  }, async (t) => {
    const { store, events } = await openEvents(t);
    await add(store.db, 'before');
    await until(() => events.stats().buffered === 1);
    const all = take(events.subscribe(), 3);
    const chosen = take(events.subscribe({ types: ['host.changed'], hostId: HOST }), 1);
    await add(store.db, 'one');
    await add(store.db, 'two', 'host.changed');
    await add(store.db, 'three', 'host.changed', HOST);
    assert.deepEqual(names(await all), ['one', 'two', 'three']);
    assert.deepEqual(names(await chosen), ['three']);
    assert.equal(events.stats().subscribers, 0);
  });

  it('(1) does not pass over what a slower transaction commits later', { timeout: 60_000 }, async (t) => {
    const { store, events } = await openEvents(t);
    const written = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow = store.transaction(async (trx) => {
      await add(trx, 'slow');
      written.resolve();
      await release.promise;
    });
    await written.promise;
    const both = take(events.subscribe(), 2);
    await add(store.db, 'quick');
    await until(() => events.stats().waiting);
    release.resolve();
    await slow;
    assert.deepEqual(names(await both), ['slow', 'quick']);
  });

  it('(1, 2) resumes after an event, from memory and from the table, without loss or repetition', {
    timeout: 60_000,
  }, async (t) => {
    const { store, events } = await openEvents(t, { capacity: 4 });
    const first = take(events.subscribe(), 20);
    for (let n = 1; n <= 20; n += 1) await add(store.db, `n-${n}`);
    const seen = await first;
    assert.ok(events.stats().buffered < 20);
    for (const at of [0, 10, 17]) {
      const resumed = await take(events.subscribe({ after: seen[at]?.id ?? '' }), 19 - at);
      assert.deepEqual(resumed, seen.slice(at + 1));
    }
  });

  it('(3) is resumed by another process that has not come as far', { timeout: 60_000 }, async (t) => {
    const { store, events } = await openEvents(t);
    const seen = take(events.subscribe(), 1);
    await add(store.db, 'one');
    const [one] = await seen;
    const other = createEvents(store, { log: silentLog });
    await other.start();
    t.after(() => other.close());
    const rest = take(other.subscribe({ after: one?.id ?? '' }), 1);
    await add(store.db, 'two');
    assert.deepEqual(names(await rest), ['two']);
  });

  it('(4) says stream.reset to who was away too long, and to who comes from another database', {
    timeout: 60_000,
  }, async (t) => {
    const { store, events } = await openEvents(t, { capacity: 2 });
    const seen = take(events.subscribe(), 12);
    for (let n = 1; n <= 12; n += 1) await add(store.db, `n-${n}`);
    const [first] = await seen;
    assert.equal(await pruneOutbox(store, { seconds: 3600, rows: 5 }), 7);
    for (const after of [first?.id ?? '', '99999999999-1', 'no-position']) {
      const stream = events.subscribe({ after })[Symbol.asyncIterator]();
      assert.equal((await stream.next()).value.type, 'stream.reset');
      await add(store.db, `after ${after}`);
      assert.equal((await stream.next()).value.resourceId, `after ${after}`);
      await stream.return?.();
    }
  });

  it('is not held up by events of a copy whose transactions were numbered higher', {
    timeout: 60_000,
  }, async (t) => {
    const { store } = await testDatabase(t, { migrations });
    await sql`INSERT INTO outbox (txid, type, resource_id) VALUES ('999999999', 'host.changed', 'foreign')`.execute(
      store.db,
    );
    await sql`UPDATE outbox_pruned SET txid = '999999998', seq = 1`.execute(store.db);
    const events = createEvents(store, { log: silentLog });
    await events.start();
    t.after(() => events.close());
    const { position } = events.subscribe();
    await add(store.db, 'ours');
    assert.deepEqual(names(await take(events.subscribe({ after: position }), 1)), ['ours']);
    assert.equal(events.stats().waiting, false);
  });

  it('catches up after the database could not be reached', { timeout: 60_000 }, async (t) => {
    const { store, events } = await openEvents(t);
    const stream = take(events.subscribe(), 1);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(store.db);
    await add(store.db, 'afterwards');
    assert.deepEqual(names(await stream), ['afterwards']);
  });
});

describe('pruning', () => {
  it('keeps what is young and few, and leaves what still waits', { timeout: 60_000 }, async (t) => {
    const { store } = await testDatabase(t, { migrations });
    await addBefore(store, 3);
    assert.equal(await pruneOutbox(store), 0);
    await sql`UPDATE outbox SET at = now() - interval '2 hours' WHERE resource_id IN ('old-1', 'old-2')`.execute(
      store.db,
    );
    assert.equal(await pruneOutbox(store), 2);
    const left = await sql<{ resource_id: string }>`SELECT resource_id FROM outbox`.execute(store.db);
    assert.deepEqual(left.rows, [{ resource_id: 'old-3' }]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
