import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { InstanceCopy, LongshoreError } from '@longshore/contract';
import type { LxdClient } from '@longshore/lxd';
import { copyInstance } from '../copies/copy-instance.ts';
import { createFleet } from '../create-fleet.ts';
import { AgainAfter } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { type BrokenOperation, breakableOperation, Killed, runToEnd } from '../testing/broken-run.ts';
import { openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { sweepLeftovers } from './leftovers.ts';
import { moveInstance } from './move-instance.ts';
import { moveInstanceHandler } from './move-instance-handler.ts';
import type { MoveInput } from './move-memory.ts';

describe('a move between hosts', () => {
  const closing: (() => Promise<void>)[] = [];
  let fleet: TestFleet;
  let clients: readonly LxdClient[];
  let count = 0;

  before(async () => {
    fleet = await openTestFleet({ after: (fn) => void closing.push(fn) }, { count: 2, operationMs: 1 });
    clients = await Promise.all(
      fleet.hostIds.map(async (id) => (await fleet.context.connections.client(id)).client),
    );
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** A running, claimed instance on the first host, with a snapshot, as Longshore would have adopted it. */
  async function newInstance(): Promise<{ id: string; name: string }> {
    const name = `web${++count}`;
    const [source] = clients;
    const [hostId] = fleet.hostIds;
    assert.ok(source !== undefined && hostId !== undefined);
    const config = { 'boot.autostart': 'true', 'user.color': 'red' };
    const body = { name, config, source: { type: 'image', alias: 'bb' } } as const;
    await source.operations.wait(await source.instances.create(body));
    await source.operations.wait(await source.instances.snapshots.create(name, { name: 'first' }));
    await source.operations.wait(await source.instances.setState(name, { action: 'start' }));
    const id = randomUUID();
    await fleet.context.store.db
      .insertInto('instances')
      .values({ id, host_id: hostId, name, type: 'container', claimed: true, status: 'stopped' })
      .execute();
    await refreshInstance(fleet.context, hostId, 'default', name);
    return { id, name };
  }

  function moveOf(
    { id, name }: { id: string; name: string },
    giveUp?: (error: unknown) => boolean,
  ): BrokenOperation {
    const [sourceHostId = '', targetHostId = ''] = fleet.hostIds;
    const input: MoveInput = {
      instanceId: id,
      sourceHostId,
      targetHostId,
      placementReason: 'test',
      via: 'auto',
      force: true,
    };
    return breakableOperation(fleet.context, {
      action: 'instance.move',
      target: { kind: 'instance', id, name },
      input,
      ...(giveUp === undefined ? {} : { giveUp }),
    });
  }

  /** Where the instance is, by each source of truth. */
  async function placesOf({ id, name }: { id: string; name: string }) {
    const row = await fleet.context.store.db
      .selectFrom('instances')
      .select(['host_id', 'status'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const found = await Promise.all(
      clients.map(async (client) =>
        (await client.instances.list()).find((instance) => instance.name === name),
      ),
    );
    const leftovers = await fleet.context.store.db
      .selectFrom('move_leftovers')
      .select('host_id')
      .where('instance_id', '=', id)
      .execute();
    return {
      row: fleet.hostIds.indexOf(row.host_id),
      status: row.status,
      found,
      leftovers: leftovers.length,
    };
  }

  /** docs/spec/moves.md I1, I2, I6: one, running, owned, whole, and without the marks of the move. */
  async function assertOneAt(
    index: number,
    instance: { id: string; name: string },
    what: string,
  ): Promise<void> {
    const { row, status, found, leftovers } = await placesOf(instance);
    assert.equal(row, index, `${what}: the row names the host`);
    assert.equal(found[1 - index], undefined, `${what}: the other host has none`);
    const there = found[index];
    assert.equal(there?.status, 'Running', `${what}: it runs`);
    assert.equal(status, 'running', `${what}: the row says so`);
    assert.equal(there?.config['user.longshore.move'], undefined, `${what}: no mark is left`);
    assert.equal(there?.config['boot.autostart'], 'true', `${what}: it starts with its host again`);
    assert.equal(there?.config['user.color'], 'red');
    const snapshots = await clients[index]?.instances.snapshots.list(instance.name);
    assert.deepEqual(
      snapshots?.map((snapshot) => snapshot.name),
      ['first'],
      `${what}: snapshots travel along`,
    );
    assert.equal(leftovers, 0, `${what}: nothing is left over`);
  }

  it('keeps identity, configuration and snapshots', async () => {
    const instance = await newInstance();
    const before = await clients[0]?.instances.get(instance.name);
    const result = await moveOf(instance).run(moveInstanceHandler);
    await assertOneAt(1, instance, 'after the move');
    const moved = await clients[1]?.instances.get(instance.name);
    for (const key of ['volatile.uuid', 'volatile.eth0.hwaddr']) {
      assert.equal(moved?.value.config[key], before?.value.config[key], key);
    }
    assert.ok(!(result instanceof AgainAfter));
    assert.equal(result?.route, 'pull');
  });

  it('ends with one running, owned instance, wherever it is killed (I1)', async () => {
    const probe = moveOf(await newInstance());
    await probe.run(moveInstanceHandler);
    const acts = probe.acts.length;
    assert.ok(acts > 20, `a move has ${acts} acts`);
    // After each act; before the next one is the same.
    await forEachAct({ from: 1, until: acts }, async (act) => {
      const instance = await newInstance();
      const operation = moveOf(instance);
      await assert.rejects(operation.run(moveInstanceHandler, { kill: act }), Killed);
      const what = `killed after act ${act}, ${operation.acts.at(-1)}`;
      await runToEnd(operation, moveInstanceHandler);
      await assertOneAt(1, instance, what);
    });
  });

  it('puts everything back when it is cancelled before it is handed over (I3)', async () => {
    const probe = moveOf(await newInstance());
    await probe.run(moveInstanceHandler);
    const handOver = probe.acts.indexOf('transaction') + 1;
    await forEachAct({ from: 1, until: probe.acts.length + 1, step: 2 }, async (act) => {
      const instance = await newInstance();
      const operation = moveOf(instance);
      let outcome = 'done';
      try {
        await operation.run(moveInstanceHandler, { cancelAt: act });
      } catch (error) {
        assert.ok(error instanceof LongshoreError, String(error));
        outcome = error.code;
      }
      const what = `cancelled at act ${act}, ${probe.acts[act - 1]}`;
      await assertOneAt(outcome === 'cancelled' ? 0 : 1, instance, what);
      // A cancel that comes later than the point of no return changes nothing.
      assert.equal(outcome, act >= handOver ? 'done' : 'cancelled', what);
    });
  });

  it('comes back when it does not start on the target, also when it is killed meanwhile (I4)', async () => {
    const failing = async (operation: BrokenOperation, kill?: number) => {
      const { run } = moveInstanceHandler;
      const handler = {
        run: (op: Parameters<typeof run>[0]) =>
          run({
            ...op,
            memory: op.memory,
            host: async (id) => {
              const connection = await op.host(id);
              return id === fleet.hostIds[1]
                ? { ...connection, client: withoutStart(connection.client) }
                : connection;
            },
          }),
      };
      if (kill !== undefined) {
        await assert.rejects(operation.run(handler, { kill }), Killed);
      }
      const { acts } = operation;
      await assert.rejects(runToEnd(operation, handler), /it will not start/);
      return acts.length;
    };
    const first = await newInstance();
    const acts = await failing(moveOf(first));
    await assertOneAt(0, first, 'refused start');
    await forEachAct({ from: acts - 24, until: acts, step: 2 }, async (act) => {
      const instance = await newInstance();
      await failing(moveOf(instance), act);
      await assertOneAt(0, instance, `refused start, killed after act ${act}`);
    });
  });

  it('is handed over without a source that dies after the copy, whose half is removed later (I5)', async () => {
    const instance = await newInstance();
    const operation = moveOf(instance);
    const probe = moveOf(await newInstance());
    await probe.run(moveInstanceHandler);
    const copied = probe.acts.findIndex((name) => name.includes('"phase":"copied"')) + 1;
    await assert.rejects(operation.run(moveInstanceHandler, { kill: copied }), Killed);
    await fleet.simulated.hosts[0]?.stop();
    const result = await runToEnd(operation, moveInstanceHandler);
    assert.ok(!(result instanceof AgainAfter));
    assert.match(String(result?.leftover), /removed when its host answers again/);
    await fleet.simulated.hosts[0]?.start();
    const between = await placesOf(instance);
    assert.equal(between.row, 1);
    assert.equal(between.found[0]?.status, 'Stopped', 'the old half never runs');
    assert.equal(between.leftovers, 1);
    await sweepLeftovers(fleet.context);
    await assertOneAt(1, instance, 'after the sweep');
  });

  it('waits for a target that falls silent after it was handed over, and starts nothing else (I2)', async () => {
    const instance = await newInstance();
    const operation = moveOf(instance);
    const probe = moveOf(await newInstance());
    await probe.run(moveInstanceHandler);
    const handOver = probe.acts.indexOf('transaction') + 1;
    await assert.rejects(operation.run(moveInstanceHandler, { kill: handOver }), Killed);
    await fleet.simulated.hosts[1]?.stop();
    assert.ok((await operation.run(moveInstanceHandler)) instanceof AgainAfter, 'it waits');
    const source = await clients[0]?.instances.get(instance.name);
    assert.equal(source?.value.status, 'Stopped');
    await fleet.simulated.hosts[1]?.start();
    await runToEnd(operation, moveInstanceHandler);
    await assertOneAt(1, instance, 'after the target has come back');
  });

  it('waits for the source when the target fails for good while the source is silent (I3)', async () => {
    const instance = await newInstance();
    const operation = moveOf(instance);
    const probe = moveOf(await newInstance());
    await probe.run(moveInstanceHandler);
    const copying = probe.acts.findIndex((name) => name.includes('"phase":"copying"')) + 1;
    await assert.rejects(operation.run(moveInstanceHandler, { kill: copying }), Killed);
    await fleet.simulated.hosts[0]?.stop();
    assert.ok((await operation.run(moveInstanceHandler)) instanceof AgainAfter, 'it waits');
    await fleet.simulated.hosts[0]?.start();
    await assert.rejects(runToEnd(operation, moveInstanceHandler), (error: unknown) => {
      assert.ok(error instanceof LongshoreError);
      return error.code === 'host-unreachable';
    });
    await assertOneAt(0, instance, 'put back');
  });

  it('touches nothing that has the name on the target (I7)', async () => {
    const instance = await newInstance();
    fleet.simulated.hosts[1]?.createBehind(instance.name);
    await assert.rejects(moveOf(instance).run(moveInstanceHandler), (error: unknown) => {
      assert.ok(error instanceof LongshoreError);
      assert.equal(error.code, 'pre-flight-failed');
      assert.match(error.message, /already has an instance/);
      return true;
    });
    const { found } = await placesOf(instance);
    assert.equal(found[0]?.status, 'Running', 'nothing was stopped');
    assert.equal(found[1]?.config['user.longshore.id'], undefined);
    fleet.simulated.hosts[1]?.deleteBehind(instance.name);
  });

  it('is accepted, placed and run by the engine, and its old half is not adopted', async () => {
    const running = createFleet(fleet.context, { roles: { sync: true, operations: true } });
    await running.start();
    try {
      const instance = await newInstance();
      const { operation } = await moveInstance(
        fleet.context,
        { id: instance.id, placement: {}, via: 'auto', force: true },
        { name: 'test' },
      );
      const ended = await fleet.ended(operation);
      assert.equal(ended.status, 'succeeded', JSON.stringify(ended.failure));
      await assertOneAt(1, instance, 'moved');
      const rows = await fleet.context.store.db
        .selectFrom('instances')
        .select(['id', 'operation_id'])
        .where('name', '=', instance.name)
        .execute();
      assert.deepEqual(rows, [{ id: instance.id, operation_id: null }]);
      // What was moved and runs is copied by a snapshot of the moment, back as well as beside itself.
      for (const { name: host } of fleet.simulated.hosts) {
        const copy = InstanceCopy.parse({ name: `${instance.name}-on-${host}`, placement: { host } });
        const copied = await copyInstance(fleet.context, { id: instance.id, ...copy }, { name: 'test' });
        const end = await fleet.ended(copied.operation);
        assert.equal(end.status, 'succeeded', JSON.stringify(end.failure));
      }
    } finally {
      await running.stop();
    }
  });
});

/** Several at once: a move mostly waits for its hosts. */
async function forEachAct(
  { from, until, step = 1 }: { from: number; until: number; step?: number },
  run: (act: number) => Promise<void>,
): Promise<void> {
  const waiting = Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step);
  const worker = async (): Promise<void> => {
    for (let act = waiting.shift(); act !== undefined; act = waiting.shift()) await run(act);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** A host on which nothing starts. */
function withoutStart(client: LxdClient): LxdClient {
  return {
    ...client,
    instances: {
      ...client.instances,
      setState: async (name, change, options) => {
        if (change.action !== 'start') return client.instances.setState(name, change, options);
        throw new LongshoreError('host-refused', 'it will not start');
      },
    },
  };
}
