import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { listInstanceLogs, readInstanceLog } from '../errands/instance-logs.ts';
import { createHostSync } from '../sync/sync-hosts.ts';
import { eventually, openTestFleet, type TestScope } from '../testing/test-fleet.ts';
import { fleetUse, hostUse, sampleHosts } from './host-use.ts';
import { lookAtInstance } from './look-at-instance.ts';

const { signal } = new AbortController();

/** A fleet whose only host has a live session, and one of its instances. */
async function open(scope: TestScope) {
  const fleet = await openTestFleet(scope, { count: 1, instancesPerHost: 2 });
  const { context } = fleet;
  const sync = createHostSync(context, { onOnline: async () => undefined, leaseMs: 2_000 });
  await sync.start();
  scope.after(() => sync.stop());
  await eventually('a live session', async () => (sync.metrics().sessions.live === 1 ? true : undefined));
  const { id } = await context.store.db
    .selectFrom('instances')
    .select('id')
    .orderBy('name')
    .executeTakeFirstOrThrow();
  return { context, sync, id };
}

const look = (context: Parameters<typeof lookAtInstance>[0], id: string, waitSeconds = 20) =>
  lookAtInstance(context, { id, waitSeconds, signal });

describe('present use of an instance', () => {
  it('is told to who looks, with rates from the second sample on, and as events', async (t) => {
    const { context, id } = await open(t);
    const { sample } = await eventually('a sample with a rate', async () => {
      const seen = await look(context, id);
      assert.equal(seen.failure, null);
      return typeof seen.sample?.cpuPercent === 'number' ? seen : undefined;
    });
    assert.ok(sample !== null && sample.processes >= 0);
    const { rows } = await sql<{ percent: number | null; labels: unknown }>`
      SELECT (data -> 'sample' -> 'cpuPercent')::text::float8 AS percent, data -> 'labels' AS labels
      FROM outbox WHERE type = 'instance.use' AND resource_id = ${id}
        AND jsonb_typeof(data -> 'sample' -> 'cpuPercent') = 'number'`.execute(context.store.db);
    assert.ok(rows.length >= 1);
    const { rows: all } = await sql<{ kind: string }>`
      SELECT jsonb_typeof(data -> 'sample' -> 'cpuPercent') AS kind
      FROM outbox WHERE type = 'instance.use' AND resource_id = ${id} ORDER BY seq`.execute(context.store.db);
    assert.equal(all[0]?.kind, 'null', 'the first has no rate');
  });

  it('is forgotten when nobody has looked for a while, and begins anew with the next look', async (t) => {
    const { context, id, sync } = await open(t);
    const told = async () => (await look(context, id)).sample ?? undefined;
    await eventually('a sample', told);
    await sync.stop(); // so that nothing is told while this looks
    await sql`UPDATE instance_watches SET wanted_until = now() - interval '1 second'`.execute(
      context.store.db,
    );
    assert.equal((await look(context, id, 0)).sample, null, 'what was seen before the pause is old');
    const next = createHostSync(context, { onOnline: async () => undefined, leaseMs: 2_000 });
    await next.start();
    t.after(() => next.stop());
    await eventually('a sample of the process that has the host now', told);
  });

  it('says of a host that does not answer what is known of it, and of no instance that there is none', async (t) => {
    const { context } = await openTestFleet(t, { count: 1, instancesPerHost: 0 });
    await sql`UPDATE hosts SET status = 'unreachable'`.execute(context.store.db);
    const id = randomUUID();
    await sql`INSERT INTO instances (id, host_id, name, type) SELECT ${id}::uuid, id, 'x', 'container' FROM hosts`.execute(
      context.store.db,
    );
    assert.match((await look(context, id)).failure ?? '', /is unreachable/);
    await assert.rejects(look(context, randomUUID()), withCode('not-found'));
  });
});

describe('a question to a host', () => {
  it('is answered by the process that has its session, with the words of the host where it refuses', async (t) => {
    const { context, id } = await open(t);
    const logs = await listInstanceLogs(context, id, signal);
    assert.ok(logs.some(({ name }) => name === 'console'));
    // Simulated hosts keep no consoles.
    const read = readInstanceLog(context, { id, name: 'console', bytes: 10 }, signal);
    await assert.rejects(read, withCode('not-found'));
  });

  it('fails at once for a host that is known not to answer', async (t) => {
    const { context, id, sync } = await open(t);
    await sync.stop();
    await sql`UPDATE hosts SET status = 'unreachable', status_reason = 'gone'`.execute(context.store.db);
    const read = readInstanceLog(context, { id, name: 'console', bytes: 10 }, signal);
    await assert.rejects(read, withCode('host-unreachable'));
  });
});

describe('use of hosts over time', () => {
  it('is sampled once a minute, joined into quarters of an hour, and forgotten', async (t) => {
    const { context, hostIds } = await openTestFleet(t, { count: 1, instancesPerHost: 0 });
    const [hostId = ''] = hostIds;
    const { db } = context.store;
    await sql`UPDATE hosts SET observed_at = now()`.execute(db);
    await sampleHosts(context);
    await sampleHosts(context);
    const count = async () => {
      const { rows } = await sql<{ step: number; count: number }>`
        SELECT step, count(*)::int AS count FROM host_use GROUP BY step ORDER BY step`.execute(db);
      return rows.map((row) => `${row.step}: ${row.count}`);
    };
    // Twice within a minute, but for the turn of one.
    assert.match((await count())[0] ?? '', /^1: [12]$/);
    await sql`DELETE FROM host_use`.execute(db);
    await sql`INSERT INTO host_use
      SELECT ${hostId}::uuid, 1, at, 4, 50, 100, 200, 10, 20
      FROM generate_series(date_bin('15 minutes', now(), 'epoch') - interval '2 hours',
        date_bin('15 minutes', now(), 'epoch') - interval '1 minute', interval '1 minute') AS at`.execute(db);
    await sql`INSERT INTO host_use VALUES
      (${hostId}::uuid, 1, now() - interval '25 hours', 4, 1, 1, 1, 1, 1),
      (${hostId}::uuid, 15, now() - interval '31 days', 4, 1, 1, 1, 1, 1)`.execute(db);
    await sql`UPDATE hosts SET observed_at = NULL`.execute(db);
    await sampleHosts(context);
    assert.deepEqual(await count(), ['1: 120', '15: 9']);
    const from = new Date(Date.now() - 4 * 3_600_000).toISOString();
    const told = await hostUse(context, hostId, { from, step: 3600 });
    assert.ok(told.points.length >= 2 && told.points.length <= 4);
    assert.deepEqual(
      { ...told.points[0], at: '' },
      {
        at: '',
        cpuPercent: 50,
        memoryUsedBytes: 100,
        memoryTotalBytes: 200,
        diskUsedBytes: 10,
        diskTotalBytes: 20,
      },
    );
    await sql`INSERT INTO host_use SELECT ${await anotherHost(db)}::uuid, step, at, 12, 10, 50, 100, 1, 2 FROM host_use`.execute(
      db,
    );
    const all = await fleetUse(context, { from, step: 3600 });
    assert.equal(all.points[0]?.cpuPercent, 20, 'by the number of threads');
    assert.equal(all.points[0]?.memoryUsedBytes, 150);
    await assert.rejects(hostUse(context, randomUUID(), {}), withCode('not-found'));
    await assert.rejects(fleetUse(context, { from, to: from }), withCode('bad-request'));
    await assert.rejects(
      fleetUse(context, { from: '2000-01-01T00:00:00Z', step: 60 }),
      withCode('bad-request'),
    );
  });
});

async function anotherHost(db: Parameters<ReturnType<typeof sql>['execute']>[0]): Promise<string> {
  const id = randomUUID();
  await sql`INSERT INTO hosts (id, name, kind, url, created_by)
    VALUES (${id}::uuid, 'other', 'lxd', 'https://192.0.2.1:8443', 'test')`.execute(db);
  return id;
}

function withCode(code: string) {
  return (error: unknown) => error instanceof LongshoreError && error.code === code;
}
