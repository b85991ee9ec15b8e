import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceCreation, LongshoreError } from '@longshore/contract';
import { cancelOperation } from '../operations/cancel-operation.ts';
import { openTestFleet } from '../testing/test-fleet.ts';
import { configureInstance } from './configure-instance.ts';
import { createInstance } from './create-instance.ts';
import { deleteInstance } from './delete-instance.ts';
import { getInstance } from './get-instance.ts';
import { instanceHandlers } from './instance-handlers.ts';
import { powerInstance } from './power-instance.ts';
import { renameInstance } from './rename-instance.ts';
import { createSnapshot, deleteSnapshot, restoreSnapshot } from './snapshots.ts';
import { updateInstance } from './update-instance.ts';

const me = { name: 'tester' };

/** A creation with the testbed's image; the rest by default. */
function creation(name: string, more: Partial<InstanceCreation> = {}): InstanceCreation {
  return InstanceCreation.parse({ name, source: { image: 'bb' }, ...more });
}

function refusedWith(code: string) {
  return (error: unknown) => error instanceof LongshoreError && error.code === code;
}

describe('an instance', () => {
  it('is made, sized, stopped, renamed, snapshotted and deleted, each seen in the API when its operation ends', async (t) => {
    const { context, work, ended, simulated } = await openTestFleet(t);
    await work(instanceHandlers);
    const host = simulated.hosts[0];
    const made = await createInstance(
      context,
      creation('web1', {
        limits: { cpu: '2', memory: '512MiB', disk: '3GiB' },
        cloudInit: { userData: '#cloud-config' },
      }),
      me,
    );
    const id = made.instanceId ?? '';
    assert.equal((await getInstance(context, id)).status, 'pending');
    const created = await ended(made.operation);
    assert.equal(created.status, 'succeeded', JSON.stringify(created));
    assert.deepEqual(
      created.steps.map(({ name, status }) => [name, status]),
      [
        ['create', 'done'],
        ['start', 'done'],
      ],
    );
    const running = await getInstance(context, id);
    assert.equal(running.status, 'running');
    assert.equal(running.operationId, null);
    assert.equal(running.config['limits.cpu'], '2');
    assert.equal(running.config['cloud-init.user-data'], '#cloud-config');
    assert.equal(running.config['user.longshore.id'], id);
    assert.deepEqual(running.devices.root, { path: '/', pool: 'default', type: 'disk', size: '3GiB' });
    assert.equal(running.placementReason, 'the only host that fits');

    const configured = await configureInstance(
      context,
      { id, config: { 'user.note': 'x', 'limits.cpu': null }, limits: { memory: '1GiB' } },
      me,
    );
    assert.equal((await ended(configured.operation)).status, 'succeeded');
    const resized = await getInstance(context, id);
    assert.equal(resized.config['user.note'], 'x');
    assert.equal(resized.config['limits.cpu'], undefined);
    assert.equal(resized.memory, '1GiB');
    assert.equal(resized.config['user.longshore.id'], id);

    await assert.rejects(renameInstance(context, { id, name: 'web2' }, me), refusedWith('conflict'));
    await assert.rejects(deleteInstance(context, { id, force: false }, me), refusedWith('conflict'));
    const stopped = await powerInstance(
      context,
      { id, action: 'stop', force: false, timeoutSeconds: 10 },
      me,
    );
    assert.equal((await ended(stopped.operation)).status, 'succeeded');
    assert.equal((await getInstance(context, id)).status, 'stopped');
    const again = await powerInstance(context, { id, action: 'stop', force: false, timeoutSeconds: 10 }, me);
    assert.equal((await ended(again.operation)).steps[0]?.message, 'it is stopped already');

    const snapshot = await createSnapshot(context, { id, name: 's1', stateful: false, expiresAt: null }, me);
    assert.equal((await ended(snapshot.operation)).status, 'succeeded');
    assert.deepEqual(
      (await getInstance(context, id)).snapshots.map(({ name }) => name),
      ['s1'],
    );
    await assert.rejects(
      createSnapshot(context, { id, name: 's1', stateful: false, expiresAt: null }, me),
      refusedWith('name-taken'),
    );
    const restored = await restoreSnapshot(context, { id, snapshot: 's1' }, me);
    assert.equal((await ended(restored.operation)).status, 'succeeded');
    const unsnapshotted = await deleteSnapshot(context, { id, snapshot: 's1' }, me);
    assert.equal((await ended(unsnapshotted.operation)).status, 'succeeded');
    const gone = await deleteSnapshot(context, { id, snapshot: 's1' }, me);
    assert.equal((await ended(gone.operation)).failure?.code, 'not-found');

    const renamed = await renameInstance(context, { id, name: 'web2' }, me);
    assert.equal((await ended(renamed.operation)).status, 'succeeded');
    assert.equal((await getInstance(context, id)).name, 'web2');
    assert.deepEqual(host?.instanceNames(), ['web2']);

    const { revision } = await getInstance(context, id);
    const guarded = await updateInstance(context, { id, revision, patch: { protected: true } }, me);
    assert.equal(guarded.revision, revision + 1);
    await assert.rejects(
      updateInstance(context, { id, revision, patch: { protected: false } }, me),
      refusedWith('precondition-failed'),
    );
    await assert.rejects(deleteInstance(context, { id, force: true }, me), refusedWith('protected'));
    await updateInstance(context, { id, revision: revision + 1, patch: { protected: false } }, me);
    const deleted = await deleteInstance(context, { id, force: false }, me);
    assert.equal((await ended(deleted.operation)).status, 'succeeded');
    await assert.rejects(getInstance(context, id), refusedWith('not-found'));
    assert.deepEqual(host?.instanceNames(), []);
  });

  it('is never made or deleted over one that is not ours', async (t) => {
    const { context, work, ended, simulated, hostIds } = await openTestFleet(t);
    await work(instanceHandlers);
    const host = simulated.hosts[0];
    host?.createBehind('theirs');
    const made = await createInstance(context, creation('theirs'), me);
    const failed = await ended(made.operation);
    assert.equal(failed.failure?.code, 'name-taken');
    await assert.rejects(getInstance(context, made.instanceId ?? ''), refusedWith('not-found'));
    assert.deepEqual(host?.instanceNames(), ['theirs']);

    // Ours, made anew behind our back under the same name.
    const ours = await createInstance(context, creation('ours', { start: false }), me);
    assert.equal((await ended(ours.operation)).status, 'succeeded');
    host?.deleteBehind('ours');
    host?.createBehind('ours');
    const deletion = await deleteInstance(context, { id: ours.instanceId ?? '', force: true }, me);
    assert.equal((await ended(deletion.operation)).failure?.code, 'conflict');
    assert.deepEqual(host?.instanceNames().sort(), ['ours', 'theirs']);

    // Found on the host and not claimed.
    const [hostId = ''] = hostIds;
    const { id } = await context.store.db
      .insertInto('instances')
      .values({
        id: crypto.randomUUID(),
        host_id: hostId,
        name: 'theirs',
        type: 'container',
        status: 'stopped',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await assert.rejects(deleteInstance(context, { id, force: true }, me), refusedWith('conflict'));
    const { revision } = await getInstance(context, id);
    await updateInstance(context, { id, revision, patch: { claimed: true } }, me);
  });

  it('has a name of its own in the fleet: of fifty that ask for one name, one gets it', async (t) => {
    const { context, work, ended, simulated } = await openTestFleet(t, { count: 3 });
    const asked = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        createInstance(context, creation(n % 2 === 0 ? 'one' : 'ONE'), me),
      ),
    );
    const won = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const lost = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    assert.equal(won.length, 1);
    assert.ok(lost.every(refusedWith('name-taken')), String(lost[0]));
    await work(instanceHandlers);
    for (const { operation } of won) assert.equal((await ended(operation)).status, 'succeeded');
    assert.equal(
      simulated.hosts.reduce((sum, host) => sum + host.instances(), 0),
      1,
    );
  });

  it('is changed by one operation at a time, and is gone with a creation that never ran (S7, S9)', async (t) => {
    const { context, work, ended, simulated } = await openTestFleet(t);
    const made = await createInstance(context, creation('web1'), me);
    const id = made.instanceId ?? '';
    await assert.rejects(
      powerInstance(context, { id, action: 'start', force: false, timeoutSeconds: 10 }, me),
      (error) => refusedWith('busy')(error) && String(error).includes(made.operation.id),
    );
    await cancelOperation(context, made.operation, me);
    await assert.rejects(getInstance(context, id), refusedWith('not-found'));
    const again = await createInstance(context, creation('web1'), me);
    await work(instanceHandlers);
    assert.equal((await ended(again.operation)).status, 'succeeded');
    assert.deepEqual(simulated.hosts[0]?.instanceNames(), ['web1']);
    await context.store.db.updateTable('hosts').set({ maintenance: true }).execute();
    const start = { id: again.instanceId ?? '', action: 'start', force: false, timeoutSeconds: 10 } as const;
    await assert.rejects(powerInstance(context, start, me), refusedWith('host-in-maintenance'));
    await assert.rejects(createInstance(context, creation('web2'), me), refusedWith('no-suitable-host'));
    const stop = await powerInstance(context, { ...start, action: 'stop' }, me);
    assert.equal((await ended(stop.operation)).status, 'succeeded');
  });

  it('is spread: thirty at once are shared out evenly over hosts alike', async (t) => {
    const { context, hostIds } = await openTestFleet(t, { count: 3 });
    await Promise.all(Array.from({ length: 30 }, (_, n) => createInstance(context, creation(`i${n}`), me)));
    const rows = await context.store.db
      .selectFrom('instances')
      .select(['host_id', 'placement_reason'])
      .execute();
    for (const hostId of hostIds) {
      assert.equal(rows.filter((row) => row.host_id === hostId).length, 10, JSON.stringify(rows));
    }
  });
});
