import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceCreation, LongshoreError } from '@longshore/contract';
import { cancelOperation } from '../operations/cancel-operation.ts';
import { getOperation } from '../operations/read-operations.ts';
import { wakeHost } from '../operations/wake-host.ts';
import { eventually, openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { createInstance } from './create-instance.ts';
import { deleteInstance } from './delete-instance.ts';
import { getInstance } from './get-instance.ts';
import { instanceHandlers } from './instance-handlers.ts';

const me = { name: 'tester' };

function creation(name: string, more: Partial<InstanceCreation> = {}): InstanceCreation {
  return InstanceCreation.parse({ name, source: { image: 'bb' }, ...more });
}

function requestsOf({ simulated }: TestFleet): number {
  return Object.values(simulated.hosts[0]?.requests() ?? {}).reduce((sum, n) => sum + n, 0);
}

const notFound = (error: unknown) => error instanceof LongshoreError && error.code === 'not-found';

describe('a creation', () => {
  it('whose worker is lost after any of its requests makes exactly one instance (S4)', async (t) => {
    const fleet = await openTestFleet(t, { operationMs: 40 });
    for (let lostAfter = 1; lostAfter <= 7; lostAfter += 1) {
      const name = `lost-${lostAfter}`;
      const before = requestsOf(fleet);
      const worker = await fleet.work(instanceHandlers);
      const made = await createInstance(fleet.context, creation(name), me);
      await eventually('its requests', async () => {
        const now = await getOperation(fleet.context, made.operation.id);
        return requestsOf(fleet) >= before + lostAfter || now.endedAt !== null ? true : undefined;
      });
      await worker.stop(0);
      const other = await fleet.work(instanceHandlers);
      const done = await fleet.ended(made.operation);
      assert.equal(done.status, 'succeeded', `${name}: ${JSON.stringify(done)}`);
      assert.equal((await getInstance(fleet.context, made.instanceId ?? '')).status, 'running');
      await other.stop(0);
    }
    const names = fleet.simulated.hosts[0]?.instanceNames().sort();
    assert.deepEqual(
      names,
      Array.from({ length: 7 }, (_, n) => `lost-${n + 1}`),
    );
  });

  it('that is cancelled leaves nothing behind, wherever it was', async (t) => {
    const fleet = await openTestFleet(t, { operationMs: 40 });
    await fleet.work(instanceHandlers);
    for (let after = 0; after <= 5; after += 1) {
      const before = requestsOf(fleet);
      const made = await createInstance(fleet.context, creation(`stopped-${after}`), me);
      await eventually('its requests', async () => (requestsOf(fleet) >= before + after ? true : undefined));
      await cancelOperation(fleet.context, made.operation, me).catch((error: unknown) => {
        if (!(error instanceof LongshoreError && error.code === 'conflict')) throw error; // it was quicker
      });
      const done = await fleet.ended(made.operation);
      const left = fleet.simulated.hosts[0]?.instanceNames().includes(`stopped-${after}`);
      if (done.status === 'cancelled') {
        assert.equal(left, false);
        await assert.rejects(getInstance(fleet.context, made.instanceId ?? ''), notFound);
      } else {
        // Past its last safe point: finished whole.
        assert.equal(done.status, 'succeeded', JSON.stringify(done));
        assert.equal((await getInstance(fleet.context, made.instanceId ?? '')).status, 'running');
      }
    }
  });

  it('of an image that nobody has fails, and gives its name back', async (t) => {
    const fleet = await openTestFleet(t);
    await fleet.work(instanceHandlers);
    const made = await createInstance(fleet.context, creation('web1', { source: { image: 'no-such' } }), me);
    assert.equal((await fleet.ended(made.operation)).failure?.code, 'image-not-found');
    await assert.rejects(getInstance(fleet.context, made.instanceId ?? ''), notFound);
    const again = await createInstance(fleet.context, creation('web1'), me);
    assert.equal((await fleet.ended(again.operation)).status, 'succeeded');
  });

  it('goes on when its host fails for a while', async (t) => {
    const fleet = await openTestFleet(t);
    const host = fleet.simulated.hosts[0];
    host?.fail({ status: 500, rate: 1 });
    await fleet.work(instanceHandlers);
    const made = await createInstance(fleet.context, creation('web1'), me);
    await eventually('a failed run', async () =>
      (await getOperation(fleet.context, made.operation.id)).failure === null ? undefined : true,
    );
    host?.fail(null);
    await wakeHost(fleet.context, fleet.hostIds[0] ?? '');
    assert.equal((await fleet.ended(made.operation)).status, 'succeeded');
  });

  it('that cannot be taken back stays as an error to be deleted later', async (t) => {
    const fleet = await openTestFleet(t);
    const host = fleet.simulated.hosts[0];
    await host?.stop();
    await fleet.work(instanceHandlers);
    const made = await createInstance(fleet.context, creation('web1'), me);
    const id = made.instanceId ?? '';
    await eventually('a failed run', async () =>
      (await getOperation(fleet.context, made.operation.id)).failure === null ? undefined : true,
    );
    await cancelOperation(fleet.context, made.operation, me);
    assert.equal((await fleet.ended(made.operation)).status, 'cancelled');
    const left = await getInstance(fleet.context, id);
    assert.deepEqual([left.status, left.operationId], ['error', null]);
    await host?.start();
    const deletion = await deleteInstance(fleet.context, { id, force: false }, me);
    assert.equal((await fleet.ended(deletion.operation)).status, 'succeeded');
    await assert.rejects(getInstance(fleet.context, id), notFound);
  });
});
