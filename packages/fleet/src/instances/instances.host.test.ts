import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { InstanceCreation, LongshoreError, type Operation } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { listInstanceLogs, readInstanceLog } from '../errands/instance-logs.ts';
import type { Accepted } from '../operations/accept.ts';
import { openRealFleet, type RealFleet } from '../testing/real-fleet.ts';
import { lookAtInstance } from '../use/look-at-instance.ts';
import { processorTimesIn } from '../use/processor-time.ts';
import { configureInstance } from './configure-instance.ts';
import { createInstance } from './create-instance.ts';
import { deleteInstance } from './delete-instance.ts';
import { getInstance } from './get-instance.ts';
import { powerInstance } from './power-instance.ts';
import { renameInstance } from './rename-instance.ts';
import { createSnapshot, deleteSnapshot, restoreSnapshot } from './snapshots.ts';

const me = { name: 'tester' };

describe('an instance on real hosts', () => {
  const closing: (() => Promise<void>)[] = [];
  let fleet: RealFleet;

  before(async () => {
    fleet = await openRealFleet(
      { after: (fn) => void closing.push(fn) },
      { name: 'finst', lxd: 1, incus: 1 },
    );
    for (const host of fleet.testbed.hosts) await host.importImage('busybox');
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const succeeded = (accepted: Promise<Accepted>): Promise<Operation> =>
    accepted.then(({ operation }) => fleet.succeeded(operation));

  const hostOf = (kind: 'lxd' | 'incus'): TestHost => {
    const host = fleet.testbed.hosts.find((each) => each.kind === kind);
    assert.ok(host);
    return host;
  };

  for (const kind of ['lxd', 'incus'] as const) {
    it(`is made, sized, paused, set back, renamed and deleted on ${kind}`, async () => {
      const { context } = fleet;
      const host = hostOf(kind);
      const { operation, instanceId: id = '' } = await createInstance(
        context,
        InstanceCreation.parse({
          name: `${kind}-one`,
          source: { image: 'bb' },
          placement: { host: host.name },
          limits: { memory: '64MiB' },
          cloudInit: { userData: '#cloud-config\n' },
        }),
        me,
      );
      await fleet.succeeded(operation);
      const made = await getInstance(context, id);
      assert.deepEqual([made.status, made.operationId, made.memory], ['running', null, '64MiB']);
      assert.ok(made.image !== null && made.createdAt !== null);
      await tellsUseAndLogs(fleet, id, fleet.hostId(host));

      await succeeded(powerInstance(context, { id, action: 'freeze', force: false, timeoutSeconds: 30 }, me));
      assert.equal((await getInstance(context, id)).status, 'frozen');
      await succeeded(
        powerInstance(context, { id, action: 'unfreeze', force: false, timeoutSeconds: 30 }, me),
      );
      await succeeded(
        powerInstance(context, { id, action: 'restart', force: false, timeoutSeconds: 30 }, me),
      );
      assert.equal((await getInstance(context, id)).status, 'running');

      await succeeded(
        configureInstance(context, { id, config: { 'user.note': 'x' }, limits: { memory: '96MiB' } }, me),
      );
      // A guest that does not hear the request to end: nothing is forced.
      await succeeded(
        configureInstance(context, { id, config: { 'raw.lxc': 'lxc.signal.halt = SIGCONT' } }, me),
      );
      await succeeded(powerInstance(context, { id, action: 'restart', force: true, timeoutSeconds: 30 }, me));
      const deaf = await powerInstance(context, { id, action: 'stop', force: false, timeoutSeconds: 2 }, me);
      const { failure } = await fleet.ended(deaf.operation);
      assert.equal(failure?.code, 'host-refused', JSON.stringify(failure));
      assert.match(failure.hint ?? '', /--force/);
      assert.equal((await getInstance(context, id)).status, 'running');
      await succeeded(powerInstance(context, { id, action: 'stop', force: true, timeoutSeconds: 30 }, me));
      await succeeded(configureInstance(context, { id, config: { 'raw.lxc': null } }, me));
      await succeeded(powerInstance(context, { id, action: 'start', force: false, timeoutSeconds: 30 }, me));
      await succeeded(createSnapshot(context, { id, name: 's1', stateful: false, expiresAt: null }, me));
      await succeeded(configureInstance(context, { id, config: { 'user.note': null } }, me));
      await succeeded(powerInstance(context, { id, action: 'stop', force: false, timeoutSeconds: 30 }, me));
      assert.equal((await getInstance(context, id)).config['user.note'], undefined);
      await succeeded(restoreSnapshot(context, { id, snapshot: 's1' }, me));
      const restored = await getInstance(context, id);
      assert.deepEqual(
        [restored.status, restored.config['user.note'], restored.memory],
        ['stopped', 'x', '96MiB'],
      );
      await succeeded(deleteSnapshot(context, { id, snapshot: 's1' }, me));
      await succeeded(renameInstance(context, { id, name: `${kind}-two` }, me));
      assert.equal((await getInstance(context, id)).name, `${kind}-two`);
      await succeeded(powerInstance(context, { id, action: 'start', force: false, timeoutSeconds: 30 }, me));
      await succeeded(deleteInstance(context, { id, force: true }, me));
      assert.equal(await host.cli(['list', '--format', 'csv', '--columns', 'n']), '');
    });

    it(`is not made over one of the same name on ${kind}`, async () => {
      const host = hostOf(kind);
      await host.cli(['init', 'bb', 'theirs', '--config', 'user.whose=theirs']);
      const creation = InstanceCreation.parse({
        name: 'theirs',
        source: { image: 'bb' },
        placement: { host: host.name },
      });
      // Refused at once where sync was quicker, else by the host: the same code either way.
      const code = await createInstance(fleet.context, creation, me).then(
        async ({ operation }) => (await fleet.ended(operation)).failure?.code,
        (error: unknown) => (error instanceof LongshoreError ? error.code : error),
      );
      assert.equal(code, 'name-taken');
      assert.match(await host.cli(['config', 'get', 'theirs', 'user.whose']), /theirs/);
      await host.cli(['delete', 'theirs']);
    });
  }
});

/** What the host says of a running instance: use, log files, the console, and the processor time in its metrics. */
async function tellsUseAndLogs({ context }: RealFleet, id: string, hostId: string): Promise<void> {
  const { signal } = new AbortController();
  const { sample, failure } = await lookAtInstance(context, { id, waitSeconds: 20, signal });
  assert.equal(failure, null);
  assert.ok(sample !== null && sample.memoryBytes > 0 && sample.processes > 0 && sample.cpuSeconds > 0);
  const logs = await listInstanceLogs(context, id, signal);
  assert.ok(
    logs.some(({ name }) => name === 'console'),
    JSON.stringify(logs),
  );
  for (const { name, sizeBytes } of logs) {
    const text = await readInstanceLog(context, { id, name, bytes: 64 }, signal);
    if (sizeBytes !== null) assert.equal(text.length, Math.min(64, sizeBytes), name);
  }
  const { client } = await context.connections.client(hostId);
  assert.ok(processorTimesIn(await client.metrics({ signal })).size > 0);
}
