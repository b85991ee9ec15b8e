import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { connectStore, createLeases, type Share, type Store, silentLog } from '../index.ts';
import { testDatabase, waitUntil } from '../testing/index.ts';

const hour = 3_600_000;

/** Lets a lease expire without waiting: what counts is the database's clock against the row. */
async function expire(store: Store, kind: string): Promise<void> {
  await sql`update store_leases set expires_at = now() - interval '1 second' where kind = ${kind}`.execute(
    store.db,
  );
}

describe('leases', () => {
  it('are held by one owner, and handed over with a growing fence', async (t) => {
    const { store } = await testDatabase(t);
    const a = createLeases(store, { owner: 'a', ttlMs: hour });
    const b = createLeases(store, { owner: 'b', ttlMs: hour });
    const first = await a.claim('host', '1');
    assert.deepEqual(first, { kind: 'host', key: '1', owner: 'a', fence: 1 });
    assert.equal(await b.claim('host', '1'), undefined);
    assert.deepEqual(await a.claim('host', '1'), first);
    assert.deepEqual(await b.heldBy('host', '1'), first);

    await expire(store, 'host');
    assert.equal(await b.heldBy('host', '1'), undefined);
    const second = await b.claim('host', '1');
    assert.equal(second?.fence, 2);
    assert.ok(first && second);
    assert.equal(await a.renew(first), false);
    await a.release(first);
    assert.deepEqual(await a.heldBy('host', '1'), second);
    await assert.rejects(
      store.transaction((trx) => a.check(trx, first)),
      { code: 'lease_lost' },
    );
    await store.transaction((trx) => b.check(trx, second));

    await b.release(second);
    assert.equal((await a.claim('host', '1'))?.fence, 3);
  });

  it('go to exactly one of many that claim at once', async (t) => {
    const { store } = await testDatabase(t);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) => createLeases(store, { owner: `o${n}` }).claim('slot', 'x')),
    );
    assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
  });
});

describe('sharing out', () => {
  const keys = Array.from({ length: 10 }, (_, n) => `host-${n}`);

  it('divides keys evenly, never to two at once, and takes over from a member that falls silent', async (t) => {
    const { store, url } = await testDatabase(t);
    const holders = new Map<string, number>();
    const fences = new Map<string, number>();
    const hold = async (share: Share) => {
      assert.ok(share.fence > (fences.get(share.key) ?? 0), 'the fence grows');
      fences.set(share.key, share.fence);
      holders.set(share.key, (holders.get(share.key) ?? 0) + 1);
      assert.equal(holders.get(share.key), 1, `${share.key} has one holder`);
      await new Promise((resolve) => share.signal.addEventListener('abort', resolve));
      holders.set(share.key, (holders.get(share.key) ?? 0) - 1);
    };
    const join = (owner: string, through: Store) =>
      createLeases(through, { owner, ttlMs: 1200 }).shareOut('hosts', { keys: async () => keys, hold });

    const a = await join('a', store);
    await waitUntil('the first holds all', () => a.held().size === 10);

    // A database connection of its own, to be cut off below.
    const apart = connectStore({ url, log: silentLog, connectPatienceMs: 100 });
    const b = await join('b', apart);
    await waitUntil('both hold half', () => a.held().size === 5 && b.held().size === 5);

    await apart.close();
    await waitUntil('the silent one lets go by itself', () => b.held().size === 0);
    await waitUntil('the other holds all again', () => a.held().size === 10);

    const c = await join('c', store);
    await waitUntil('a new member gets its half', () => a.held().size === 5 && c.held().size === 5);
    await a.stop();
    await waitUntil('and all when the other leaves', () => c.held().size === 10);
    await c.stop();
    await b.stop();
    const { rows } = await sql`select key from store_leases where owner is not null`.execute(store.db);
    assert.deepEqual(rows, []);
  });
});
