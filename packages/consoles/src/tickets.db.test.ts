import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { waitUntil } from '@longshore/store/testing';
import { createConsoleDesk } from './console-desk.ts';
import { DEFAULT_CONSOLE_SETTINGS } from './console-settings.ts';
import { sweep } from './proxy/proxy-life.ts';
import { redeemTicket } from './redeem-ticket.ts';
import { openTestConsoles, type TestConsoles } from './testing/open-test-consoles.ts';

const timeout = 120_000;

const refusedBy = (code: string) => (error: unknown) =>
  error instanceof LongshoreError && error.code === code;

/** Shifts a ticket's end: the database's clock is the only one that counts. */
const shiftEnd = (consoles: TestConsoles, sessionId: string, seconds: number) =>
  sql`UPDATE console_tickets SET expires_at = now() + make_interval(secs => ${seconds}) WHERE id = ${sessionId}`.execute(
    consoles.store.db,
  );

const count = async (consoles: TestConsoles, table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.table(table)}`.execute(
    consoles.store.db,
  );
  return rows[0]?.n ?? -1;
};

describe('tickets', () => {
  it('guaranteed expiry, no eviction: good until their end by the clock of the database, and not after', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t);
    const { store, proxy } = consoles;
    const id = await consoles.insertInstance('web1');
    const redeem = (ticket: string) => redeemTicket(store, DEFAULT_CONSOLE_SETTINGS, proxy.id, ticket, null);
    const live = await consoles.issue(id);
    await sql`INSERT INTO console_tickets (token_hash, id, instance_id, type, mode, options, who, address, expires_at)
      SELECT decode(md5(n::text), 'hex'), gen_random_uuid(), ${id}, 'shell', 'deny', '{}', '{}', '', now() + interval '1 minute'
      FROM generate_series(1, 5000) AS n`.execute(store.db);
    const early = await consoles.issue(id);
    await shiftEnd(consoles, early.sessionId, 300);
    const late = await consoles.issue(id);
    await shiftEnd(consoles, late.sessionId, 0);
    assert.equal((await redeem(live.ticket)).outcome, 'opened', 'the pressure of others loses no live one');
    assert.equal((await redeem(early.ticket)).outcome, 'opened');
    assert.deepEqual(await redeem(late.ticket), { outcome: 'refused', why: 'expired', session: null });
  });

  it('hash-only storage: the database has no clear ticket, nor has a log or a record', {
    timeout,
  }, async (t) => {
    const lines: unknown[] = [];
    const note = (...line: unknown[]) => void lines.push(line);
    const log = { debug: note, info: note, warn: note, error: note };
    const consoles = await openTestConsoles(t, { log });
    const id = await consoles.insertInstance('web1');
    const { ticket } = await consoles.issue(id);
    const client = consoles.connect({ type: 'open', ticket });
    const { secret } = await client.notice('ready');
    const again = consoles.connect({ type: 'open', ticket });
    await again.ended();
    const { rows } = await sql<{ dump: string }>`SELECT string_agg(t::text, '') AS dump FROM (
      SELECT x::text AS t FROM console_tickets x UNION ALL SELECT x::text FROM console_sessions x
      UNION ALL SELECT x::text FROM console_leases x UNION ALL SELECT x::text FROM outbox x) AS all_rows (t)`.execute(
      consoles.store.db,
    );
    const everything = `${rows[0]?.dump} ${JSON.stringify(lines)} ${JSON.stringify(consoles.records)}`;
    assert.ok(everything.includes(id), 'the search looks at what there is');
    for (const clear of [ticket, Buffer.from(ticket).toString('hex'), secret]) {
      assert.ok(!everything.includes(clear));
    }
  });

  it('connect info per instance: they are gone when it is deleted, stopped or moved, and so are sessions', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t);
    const other = randomUUID();
    await sql`INSERT INTO hosts (id, name, kind, url, created_by) VALUES (${other}, 'h2', 'lxd', 'https://h2.test', 'x')`.execute(
      consoles.store.db,
    );
    const changes = [
      (id: string) => sql`DELETE FROM instances WHERE id = ${id}`,
      (id: string) => sql`UPDATE instances SET status = 'stopped' WHERE id = ${id}`,
      (id: string) => sql`UPDATE instances SET host_id = ${other} WHERE id = ${id}`,
    ];
    for (const [at, change] of changes.entries()) {
      const id = await consoles.insertInstance(`web${at}`);
      const client = await consoles.open(id);
      const { connect } = await consoles.issue(id);
      assert.deepEqual(connect, { instanceId: id, host: 'h1', type: 'shell', slot: 2 });
      await change(id).execute(consoles.store.db);
      assert.deepEqual(await client.ended(), { code: 4410, reason: 'instance-gone' });
      const left = await sql`SELECT FROM console_tickets WHERE instance_id = ${id}`.execute(
        consoles.store.db,
      );
      assert.equal(left.rows.length, 0);
    }
  });

  it('need an instance that runs', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('off', 'stopped');
    await assert.rejects(consoles.issue(id), refusedBy('conflict'));
    await assert.rejects(consoles.issue(randomUUID()), refusedBy('not-found'));
  });

  it('port occupancy (1425640): a third on two places gets 409, and of 100 racers two have a lease', {
    timeout,
  }, async (t) => {
    const settings = { ...DEFAULT_CONSOLE_SETTINGS, shellsPerInstance: 2 };
    const consoles = await openTestConsoles(t, { settings });
    const { store, proxy } = consoles;
    const id = await consoles.insertInstance('web1');
    const tickets = await Promise.all(Array.from({ length: 100 }, () => consoles.issue(id)));
    const redeemed = await Promise.all(
      tickets.map(({ ticket }) => redeemTicket(store, settings, proxy.id, ticket, null)),
    );
    const outcomes = redeemed.map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((each) => each === 'opened').length, 2);
    assert.equal(outcomes.filter((each) => each === 'occupied').length, 98);
    assert.equal(await count(consoles, 'console_leases'), 2);
    assert.equal(await count(consoles, 'console_sessions'), 2);
    await assert.rejects(consoles.issue(id), refusedBy('console-occupied'));
    await consoles.issue(id, { type: 'console' });
  });

  it('cleanup: what is long over and what dead proxies left is swept', { timeout }, async (t) => {
    const consoles = await openTestConsoles(t);
    const { store } = consoles;
    const id = await consoles.insertInstance('web1');
    const dead = randomUUID();
    await sql`INSERT INTO console_proxies (id, seen_at) VALUES (${dead}, now() - interval '31 seconds')`.execute(
      store.db,
    );
    await sql`INSERT INTO console_sessions (id, instance_id, proxy_id, type, access, options, who, address)
      SELECT gen_random_uuid(), ${id}, ${dead}, 'shell', 'write', '{}', '{}', '' FROM generate_series(1, 1200)`.execute(
      store.db,
    );
    await sql`INSERT INTO console_tickets (token_hash, id, instance_id, type, mode, options, who, address, expires_at)
      SELECT decode(md5(n::text), 'hex'), gen_random_uuid(), ${id}, 'shell', 'deny', '{}', '{}', '', now() - interval '1 hour'
      FROM generate_series(1, 10000) AS n`.execute(store.db);
    const live = await consoles.issue(id);
    await consoles.open(id);
    await sweep(store);
    // The proxy sweeps, too, and each leaves alone what the other has in hand.
    await waitUntil('only what lives is left', async () => {
      const left = [await count(consoles, 'console_sessions'), await count(consoles, 'console_tickets')];
      return left.join() === '1,2';
    });
    assert.ok(
      (await redeemTicket(store, DEFAULT_CONSOLE_SETTINGS, consoles.proxy.id, live.ticket, null)).session,
    );
  });

  it('state shared across processes: issued by one, opened at another, listed and ended by a third', {
    timeout,
  }, async (t) => {
    const consoles = await openTestConsoles(t);
    const id = await consoles.insertInstance('web1');
    const second = await consoles.addProxy();
    const { ticket } = await consoles.issue(id);
    await consoles.proxy.stop();
    const client = consoles.connect({ type: 'open', ticket }, { url: second.url });
    const { sessionId } = await client.notice('ready');
    const desk = createConsoleDesk(consoles.store);
    const { items } = await desk.list({ reach: 'all', limit: 10 });
    assert.deepEqual(
      items.map((each) => [each.id, each.instance.name, each.who.name, each.access, each.slot]),
      [[sessionId, 'web1', 'anna', 'write', 1]],
    );
    assert.equal(
      (await desk.list({ reach: { projects: [], hosts: [], labels: [], requesterId: '' }, limit: 10 })).items
        .length,
      0,
    );
    await desk.end(sessionId, 'chief');
    assert.deepEqual(await client.ended(), { code: 4411, reason: 'kicked' });
    await waitUntil('it is gone for all', async () => (await count(consoles, 'console_sessions')) === 0);
    await assert.rejects(desk.ownerOf(sessionId), refusedBy('not-found'));
  });
});
