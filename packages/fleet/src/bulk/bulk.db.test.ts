import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { Bulk, LongshoreError } from '@longshore/contract';
import { instanceHandlers } from '../instances/instance-handlers.ts';
import { cancelOperation } from '../operations/cancel-operation.ts';
import { getOperation, listOperations } from '../operations/read-operations.ts';
import { refreshHost } from '../sync/refresh-host.ts';
import { eventually, openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { bulk } from './bulk.ts';
import { bulkHandler } from './bulk-handler.ts';

const requester = { name: 'test' };
const handlers = [...instanceHandlers, bulkHandler];
const stop = { do: 'power', power: { action: 'stop', force: true } } as const;
const start = { do: 'power', power: { action: 'start' } } as const;

/** A fleet whose instances are adopted, claimed and stopped. */
async function openStopped(
  scope: Parameters<typeof openTestFleet>[0],
  options: { operationMs?: number } = {},
) {
  const fleet = await openTestFleet(scope, { count: 2, instancesPerHost: 6, operationMs: 1, ...options });
  for (const host of fleet.simulated.hosts) {
    for (const name of host.instanceNames()) host.changeBehind(name, { status: 'Stopped' });
  }
  for (const id of fleet.hostIds) await refreshHost(fleet.context, id);
  const { db } = fleet.context.store;
  await db.updateTable('instances').set({ claimed: true }).execute();
  const rows = await db.selectFrom('instances').select(['id', 'host_id', 'status']).execute();
  assert.deepEqual([...new Set(rows.map((row) => row.status))], ['stopped']);
  return { fleet, rows };
}

/** How many instances are in each state. */
async function statuses(fleet: TestFleet): Promise<Record<string, number>> {
  const rows = await fleet.context.store.db.selectFrom('instances').select('status').execute();
  const counts: Record<string, number> = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('a bulk operation', () => {
  it('does its action on all that match, never more on one host than allowed', async (t) => {
    const { fleet, rows } = await openStopped(t, { operationMs: 20 });
    await fleet.work(handlers);
    const request = Bulk.parse({ action: start, filter: 'status:stopped', perHost: 2 });
    const { operation } = await bulk(fleet.context, request, requester);
    assert.equal(operation.target.name, `power of ${rows.length} instances`);
    let most = 0;
    const ended = await eventually('the bulk to end', async () => {
      const unfinished = await fleet.context.store.db
        .selectFrom('operations')
        .select('host_id')
        .where('parent_id', '=', operation.id)
        .where('ended_at', 'is', null)
        .execute();
      for (const id of fleet.hostIds)
        most = Math.max(most, unfinished.filter((row) => row.host_id === id).length);
      const now = await getOperation(fleet.context, operation.id);
      return now.endedAt === null ? undefined : now;
    });
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended.failure));
    assert.deepEqual(ended.items, { total: rows.length, succeeded: rows.length, failed: 0, cancelled: 0 });
    assert.deepEqual(await statuses(fleet), { running: rows.length });
    assert.ok(most <= 2, `${most} at once on one host`);
  });

  it('fails as a whole where one item is refused, and tells why at that item', async (t) => {
    const { fleet, rows } = await openStopped(t);
    const [victim] = rows;
    assert.ok(victim !== undefined);
    await fleet.context.store.db
      .updateTable('instances')
      .set({ protected: true })
      .where('id', '=', victim.id)
      .execute();
    await fleet.work(handlers);
    const request = Bulk.parse({ action: { do: 'delete' }, instances: rows.map((row) => row.id) });
    const ended = await fleet.ended((await bulk(fleet.context, request, requester)).operation);
    assert.equal(ended.status, 'failed');
    assert.equal(ended.failure?.code, 'partly-failed');
    assert.deepEqual(ended.items, {
      total: rows.length,
      succeeded: rows.length - 1,
      failed: 1,
      cancelled: 0,
    });
    const failed = await listOperations(fleet.context, {
      limit: 10,
      filter: `parent:${ended.id} status:failed`,
    });
    assert.deepEqual(
      failed.items.map((item) => [item.target.id, item.failure?.code]),
      [[victim.id, 'protected']],
    );
    assert.deepEqual(await statuses(fleet), { stopped: 1 });
  });

  it('begins nothing more once it is cancelled, and lets what runs end', async (t) => {
    const { fleet } = await openStopped(t, { operationMs: 300 });
    await fleet.work(handlers);
    const request = Bulk.parse({ action: start, filter: 'status:stopped', perHost: 1 });
    const { operation } = await bulk(fleet.context, request, requester);
    await eventually('the first item to run', async () => {
      const page = await listOperations(fleet.context, {
        limit: 10,
        filter: `parent:${operation.id} status:running`,
      });
      return page.items.length > 0 ? true : undefined;
    });
    await cancelOperation(fleet.context, { id: operation.id }, requester);
    const ended = await fleet.ended(operation);
    assert.equal(ended.status, 'cancelled');
    const { running = 0, stopped = 0 } = await statuses(fleet);
    assert.ok(running >= 1 && stopped >= 1, `${running} running, ${stopped} stopped`);
    const unfinished = await fleet.context.store.db
      .selectFrom('operations')
      .select('id')
      .where('ended_at', 'is', null)
      .execute();
    assert.deepEqual(unfinished, []);
  });

  it('goes on after its worker was lost, and does nothing twice', async (t) => {
    const { fleet, rows } = await openStopped(t, { operationMs: 20 });
    const first = await fleet.work(handlers);
    const request = Bulk.parse({ action: start, filter: 'status:stopped', perHost: 1 });
    const { operation } = await bulk(fleet.context, request, requester);
    await eventually('some items to be accepted', async () => {
      const page = await listOperations(fleet.context, { limit: 50, filter: `parent:${operation.id}` });
      return page.items.length >= 2 ? true : undefined;
    });
    await first.stop(0);
    await fleet.work(handlers);
    const ended = await fleet.ended(operation);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended.failure));
    assert.equal(ended.items?.succeeded, rows.length);
  });

  it('refuses what cannot be meant', async (t) => {
    const fleet = await openTestFleet(t);
    const refused = (request: unknown, code: string) =>
      assert.rejects(bulk(fleet.context, Bulk.parse(request), requester), (error: unknown) => {
        assert.ok(error instanceof LongshoreError);
        return error.code === code;
      });
    await refused({ action: stop, filter: 'name:nobody' }, 'conflict');
    await refused({ action: stop, filter: 'colour:red' }, 'bad-filter');
    await refused({ action: stop, instances: [randomUUID()] }, 'conflict');
  });
});
