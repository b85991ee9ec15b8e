import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { InstanceCreation, InstancePage, LongshoreError, type Project } from '@longshore/contract';
import { sql } from '@longshore/store';
import { copyInstance } from '../copies/copy-instance.ts';
import { sweepExpired } from '../expiry/sweep-expired.ts';
import { configureInstance } from '../instances/configure-instance.ts';
import { createInstance } from '../instances/create-instance.ts';
import { getInstance } from '../instances/get-instance.ts';
import { instanceHandlers } from '../instances/instance-handlers.ts';
import { listInstances } from '../instances/list-instances.ts';
import { createSnapshot, restoreSnapshot } from '../instances/snapshots.ts';
import { updateInstance } from '../instances/update-instance.ts';
import type { Reach } from '../lists/reach.ts';
import { listOperations } from '../operations/read-operations.ts';
import { openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { createProject, deleteProject, updateProject } from './change-projects.ts';
import { getProject, listProjects } from './read-projects.ts';

const MIB = 1024 ** 2;
const requester = { name: 'anna', id: 'anna-id' };
const withCode = (code: string) => (error: unknown) => error instanceof LongshoreError && error.code === code;
const timeout = 120_000;

function project(fleet: TestFleet, creation: Parameters<typeof createProject>[1]): Promise<Project> {
  return fleet.context.store.transaction((trx) => createProject(trx, creation, 'test'));
}

function creation(name: string, over: Record<string, unknown> = {}) {
  return InstanceCreation.parse({
    name,
    project: 'lab',
    source: { image: 'debian/12' },
    limits: { cpu: '1', memory: '256MiB', disk: '1GiB' },
    ...over,
  });
}

const create = (fleet: TestFleet, name: string, over: Record<string, unknown> = {}) =>
  createInstance(fleet.context, creation(name, over), requester);

/** An instance as a host shows it. */
async function insertRunning(
  fleet: TestFleet,
  name: string,
  over: Record<string, unknown> = {},
): Promise<string> {
  const id = randomUUID();
  await fleet.context.store.db
    .insertInto('instances')
    .values({
      id,
      host_id: fleet.hostIds[0] ?? '',
      name,
      type: 'container',
      claimed: true,
      status: 'running',
      config: JSON.stringify({ 'limits.cpu': '1', 'limits.memory': '256MiB' }),
      devices: JSON.stringify({ root: { type: 'disk', path: '/', pool: 'p', size: '1GiB' } }),
      ...over,
    })
    .execute();
  return id;
}

describe('the quotas of a project', () => {
  it('hold exactly when fifty ask at once', { timeout }, async (t) => {
    const fleet = await openTestFleet(t, { count: 2 });
    await project(fleet, { name: 'lab', quota: { instances: 40, cpu: 20, memoryBytes: 17 * 256 * MIB } });
    const tries = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => create(fleet, `web-${n}`)));
    const accepted = tries.filter(({ status }) => status === 'fulfilled');
    assert.equal(accepted.length, 17);
    for (const each of tries) {
      if (each.status === 'rejected') assert.ok(withCode('quota-exceeded')(each.reason), String(each.reason));
    }
    const { use } = await getProject(fleet.context, 'lab');
    assert.deepEqual(use, {
      instances: 17,
      cpu: 17,
      memoryBytes: 17 * 256 * MIB,
      diskBytes: 17 * 1024 * MIB,
      unlimited: 0,
    });
  });

  it('want a limit of each kind, count what comes in by copy or assignment, and changes', {
    timeout,
  }, async (t) => {
    const fleet = await openTestFleet(t);
    const lab = await project(fleet, { name: 'lab', quota: { cpu: 4, memoryBytes: 1024 * MIB } });
    await assert.rejects(create(fleet, 'no-cpu', { limits: { memory: '1MiB' } }), withCode('limit-required'));
    await assert.rejects(
      create(fleet, 'part', { limits: { cpu: '1', memory: '50%' } }),
      withCode('limit-required'),
    );
    await assert.rejects(
      create(fleet, 'wide', { limits: { cpu: '0-4', memory: '1MiB' } }),
      withCode('quota-exceeded'),
    );
    await create(fleet, 'pinned', { limits: { cpu: '0-1', memory: '256MiB' } });

    const found = await insertRunning(fleet, 'found');
    await updateInstance(fleet.context, { id: found, revision: 1, patch: { project: 'lab' } }, requester);
    assert.equal((await getProject(fleet.context, lab.id)).use.cpu, 3);
    const large = await insertRunning(fleet, 'large', {
      config: JSON.stringify({ 'limits.cpu': '2', 'limits.memory': '1MiB' }),
    });
    await assert.rejects(
      updateInstance(fleet.context, { id: large, revision: 1, patch: { project: 'lab' } }, requester),
      withCode('quota-exceeded'),
    );

    await copyInstance(
      fleet.context,
      { id: found, name: 'copied', placement: {}, labels: {}, start: false },
      requester,
    );
    await assert.rejects(
      copyInstance(
        fleet.context,
        { id: found, name: 'again', placement: {}, labels: {}, start: false },
        requester,
      ),
      withCode('quota-exceeded'),
    );
    const grow = (change: Parameters<typeof configureInstance>[1]) =>
      configureInstance(fleet.context, change, requester);
    await assert.rejects(grow({ id: found, limits: { cpu: '2' } }), withCode('quota-exceeded'));
    await assert.rejects(grow({ id: found, config: { 'limits.cpu': null } }), withCode('limit-required'));
    await grow({ id: found, limits: { memory: '512MiB' } });
    assert.equal((await getProject(fleet.context, 'lab')).use.memoryBytes, 1024 * MIB);
  });

  it('count what the host shows once a change has ended, whatever was asked for', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    await fleet.work(instanceHandlers);
    await project(fleet, { name: 'lab', quota: { memoryBytes: 1024 * MIB } });
    const gone = await insertRunning(fleet, 'gone');
    await updateInstance(fleet.context, { id: gone, revision: 1, patch: { project: 'lab' } }, requester);
    const { operation } = await configureInstance(
      fleet.context,
      { id: gone, limits: { memory: '1GiB' } },
      requester,
    );
    assert.equal((await fleet.ended(operation)).status, 'failed'); // the host does not have it
    assert.equal((await getProject(fleet.context, 'lab')).use.memoryBytes, 256 * MIB);
  });

  it('hold when an instance is set back to what it was when it was larger', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    await fleet.work(instanceHandlers);
    const { context } = fleet;
    const lab = await project(fleet, { name: 'lab', quota: { memoryBytes: 1024 * MIB } });
    const made = await create(fleet, 'web', {
      source: { image: 'bb' },
      limits: { cpu: '1', memory: '1GiB', disk: '1GiB' },
    });
    const { instanceId: id = '' } = made;
    assert.equal((await fleet.ended(made.operation)).status, 'succeeded');
    const end = async (accepted: Promise<{ operation: { id: string } }>) =>
      fleet.ended((await accepted).operation);
    await end(createSnapshot(context, { id, name: 's1', stateful: false, expiresAt: null }, requester));
    await end(configureInstance(context, { id, limits: { memory: '256MiB' } }, requester));
    await context.store.transaction((trx) =>
      updateProject(trx, {
        id: lab.id,
        revision: lab.revision,
        patch: { quota: { memoryBytes: 512 * MIB } },
      }),
    );
    const refused = await end(restoreSnapshot(context, { id, snapshot: 's1' }, requester));
    assert.deepEqual([refused.status, refused.failure?.code], ['failed', 'quota-exceeded']);
    assert.equal((await getInstance(context, id)).config['limits.memory'], '256MiB');
    assert.equal((await getProject(context, 'lab')).use.memoryBytes, 256 * MIB);
  });

  it('may be set below the use, and let shrink but not grow', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    const lab = await project(fleet, { name: 'lab' });
    const { instanceId = '' } = await create(fleet, 'web');
    await fleet.context.store.transaction((trx) =>
      updateProject(trx, { id: lab.id, revision: 1, patch: { quota: { cpu: 0, instances: 1 } } }),
    );
    await assert.rejects(create(fleet, 'web-2'), withCode('quota-exceeded'));
    await sql`UPDATE instances SET operation_id = NULL, asked_config = NULL WHERE id = ${instanceId}`.execute(
      fleet.context.store.db,
    );
    await sql`UPDATE instances SET status = 'running' WHERE id = ${instanceId}`.execute(
      fleet.context.store.db,
    );
    await configureInstance(fleet.context, { id: instanceId, limits: { memory: '1MiB' } }, requester);
  });
});

describe('a project', () => {
  it('is deleted only when it is empty, and its name is its own', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    const lab = await project(fleet, { name: 'lab' });
    await assert.rejects(project(fleet, { name: 'lab' }), withCode('name-taken'));
    const id = await insertRunning(fleet, 'web', { project_id: lab.id });
    const remove = () => fleet.context.store.transaction((trx) => deleteProject(trx, lab.id));
    await assert.rejects(remove(), withCode('conflict'));
    await updateInstance(fleet.context, { id, revision: 1, patch: { project: null } }, requester);
    await remove();
    await assert.rejects(getProject(fleet.context, 'lab'), withCode('not-found'));
  });

  it('shows its instances and operations to those who reach it, and nothing else', { timeout }, async (t) => {
    const fleet = await openTestFleet(t, { count: 2 });
    const lab = await project(fleet, { name: 'lab' });
    await project(fleet, { name: 'shop' });
    await create(fleet, 'ours');
    await create(fleet, 'theirs', { project: 'shop', labels: { env: 'test' } });
    await insertRunning(fleet, 'nobodys', { host_id: fleet.hostIds[1] });
    const see = async (reach: Reach, filter?: string) => {
      const { json } = await listInstances(fleet.context, { limit: 50, filter }, reach);
      const page = InstancePage.parse(JSON.parse(String(json)));
      assert.equal(page.total, page.items.length);
      return page.items.map(({ name }) => name);
    };
    const none = { projects: [], hosts: [], labels: [], requesterId: 'x' };
    assert.deepEqual(await see('all'), ['nobodys', 'ours', 'theirs']);
    assert.deepEqual(await see('all', 'project:shop'), ['theirs']);
    assert.deepEqual(await see('all', 'lxdproject:default name:*s'), ['nobodys', 'ours', 'theirs']);
    assert.deepEqual(await see({ ...none, projects: [lab.id] }), ['ours']);
    assert.deepEqual(await see({ ...none, labels: ['env=test'] }), ['theirs']);
    assert.ok((await see({ ...none, hosts: [fleet.hostIds[1] ?? ''] })).includes('nobodys'));
    assert.deepEqual(await see(none), []);
    const operations = async (reach: Reach) =>
      (await listOperations(fleet.context, { limit: 50 }, reach)).items
        .map(({ target }) => target.name)
        .sort();
    assert.deepEqual(await operations({ ...none, projects: [lab.id] }), ['ours']);
    assert.deepEqual(await operations({ ...none, labels: ['env=test'] }), ['theirs']);
    assert.deepEqual(await operations({ ...none, requesterId: requester.id }), ['ours', 'theirs']);
    assert.deepEqual(await operations(none), []);
    const projects = await listProjects(fleet.context, { limit: 50 }, { ...none, projects: [lab.id] });
    assert.deepEqual(
      projects.items.map(({ name }) => name),
      ['lab'],
    );
  });

  it('bounds how long instances live', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    await project(fleet, { name: 'lab', defaultLifetimeDays: 2, maxLifetimeDays: 10 });
    const days = async (name: string) => {
      const { rows } = await sql<{ days: number }>`
        SELECT round(extract(epoch FROM expires_at - now()) / 86400)::integer AS days FROM instances WHERE name = ${name}`.execute(
        fleet.context.store.db,
      );
      return rows[0]?.days;
    };
    const inDays = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString();
    await create(fleet, 'usual');
    await create(fleet, 'longer', { expiresAt: inDays(9) });
    assert.deepEqual([await days('usual'), await days('longer')], [2, 9]);
    await assert.rejects(create(fleet, 'too-long', { expiresAt: inDays(11) }), withCode('lifetime-exceeded'));
    await assert.rejects(create(fleet, 'for-ever', { expiresAt: null }), withCode('lifetime-exceeded'));
    await assert.rejects(create(fleet, 'past', { expiresAt: inDays(-1) }), withCode('bad-request'));
  });
});

describe('an instance that ends', () => {
  it('is announced twice before, and then stopped by an operation', { timeout }, async (t) => {
    const fleet = await openTestFleet(t);
    const { db } = fleet.context.store;
    const at = (interval: string) => sql<Date>`now() + ${interval}::interval`;
    const soon = await insertRunning(fleet, 'soon', { expires_at: at('6 days') });
    const over = await insertRunning(fleet, 'over', { expires_at: at('-1 minute') });
    await insertRunning(fleet, 'stopped', { expires_at: at('-1 minute'), status: 'stopped' });
    await Promise.all([sweepExpired(fleet.context), sweepExpired(fleet.context)]);
    await db
      .updateTable('instances')
      .set({ expires_at: at('1 hour') })
      .where('id', '=', soon)
      .execute();
    await sweepExpired(fleet.context);
    await sweepExpired(fleet.context);
    const { rows: warnings } = await sql<{ resource_id: string; days: number }>`
      SELECT resource_id, (data ->> 'days')::integer AS days FROM outbox WHERE type = 'instance.expiring' ORDER BY seq`.execute(
      db,
    );
    assert.deepEqual(warnings, [
      { resource_id: soon, days: 7 },
      { resource_id: soon, days: 1 },
    ]);
    const { items } = await listOperations(fleet.context, { limit: 50 });
    assert.deepEqual(
      items.map(({ action, target, requestedBy }) => [action, target.id, requestedBy]),
      [['instance.power', over, 'longshore']],
    );
    assert.equal((await getInstance(fleet.context, over)).operationId, items[0]?.id);
  });
});
