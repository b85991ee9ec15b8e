import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Host, InstanceStatus, Operation } from '@longshore/contract';
import { openTestbed, type Testbed, type TestHost } from '@longshore/testbed';
import { enrolHost } from '../hosts/enrol-host.ts';
import { hostHandlers } from '../hosts/host-handlers.ts';
import { getHost } from '../hosts/read-hosts.ts';
import { removeHost } from '../hosts/remove-host.ts';
import { eventually, openTestFleet, type TestFleet, type TestScope } from '../testing/test-fleet.ts';
import { createHostSync } from './sync-hosts.ts';

const requester = { name: 'test' };

/** Enrols real hosts and follows what somebody does on them with the stock clients. */
describe('onboarding and sync of real hosts', () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed({ name: 'flsync', lxd: 1, incus: 1, trust: false });
  });
  after(() => bed.close());

  async function open(scope: TestScope): Promise<TestFleet> {
    const fleet = await openTestFleet(scope, { count: 0 });
    await fleet.work(hostHandlers);
    return fleet;
  }

  async function enrol(fleet: TestFleet, host: TestHost): Promise<Host> {
    const access = { by: 'token', token: await host.token('longshore') } as const;
    const operation = await fleet.ended((await enrolHost(fleet.context, { access }, requester)).operation);
    assert.equal(operation.status, 'succeeded', JSON.stringify(operation.failure));
    return getHost(fleet.context, String(operation.result?.hostId));
  }

  async function remove(fleet: TestFleet, id: string): Promise<Operation> {
    return fleet.ended((await removeHost(fleet.context, { id, force: false }, requester)).operation);
  }

  for (const kind of ['lxd', 'incus'] as const) {
    it(`enrols ${kind} by token, follows it, and leaves it as it was`, async (t) => {
      const host = bed.hosts.find((one) => one.kind === kind);
      assert.ok(host);
      await host.importImage('busybox');
      const fleet = await open(t);
      const { context } = fleet;
      const enrolled = await enrol(fleet, host);
      assert.equal(enrolled.kind, kind);
      assert.equal(enrolled.fingerprint, await host.fingerprint());
      assert.ok(enrolled.version !== '' && enrolled.profiles.length > 0 && enrolled.networks.length > 0);
      assert.ok((enrolled.resources?.pools.length ?? 0) > 0);

      const sync = createHostSync(context, { onOnline: async () => undefined });
      await sync.start();
      t.after(() => sync.stop());
      await eventually('live', async () => (sync.metrics().sessions.live === 1 ? true : undefined));

      const instance = (name: string, status: InstanceStatus) =>
        eventually(`${name} ${status}`, async () =>
          context.store.db
            .selectFrom('instances')
            .selectAll()
            .where('name', '=', name)
            .where('status', '=', status)
            .executeTakeFirst(),
        );
      await host.cli(['launch', 'bb', 'web']);
      const { id } = await instance('web', 'running');
      await eventually('an address, of which no event tells', async () => {
        const row = await instance('web', 'running');
        return JSON.stringify(row.addresses).includes('"global"') ? true : undefined;
      });
      await host.cli(['stop', '--force', 'web']);
      await instance('web', 'stopped');
      await host.cli(['rename', 'web', 'www']);
      assert.equal((await instance('www', 'stopped')).id, id);
      await host.cli(['copy', 'www', 'twin']);
      assert.notEqual((await instance('twin', 'stopped')).id, id);
      await host.cli(['delete', 'www']);
      assert.equal((await instance('www', 'missing')).id, id);
      await eventually('the image', async () => {
        const image = await context.store.db.selectFrom('host_images').selectAll().executeTakeFirst();
        return JSON.stringify(image?.aliases ?? []).includes('bb') ? true : undefined;
      });

      const { count, sumMs, maxMs } = sync.metrics().lag;
      t.diagnostic(
        `${count} re-reads after events: ${Math.round(sumMs / count)} ms on average, ${Math.round(maxMs)} ms at most`,
      );
      const removed = await remove(fleet, enrolled.id);
      assert.equal(removed.status, 'succeeded', JSON.stringify(removed.failure));
      assert.doesNotMatch(await host.cli(['config', 'trust', 'list', '--format=csv']), /longshore/);
      assert.match(await host.cli(['list', '--format=csv', '--columns=n']), /twin/);
    });
  }

  it('quarantines nothing, but calls unreachable what is cut off, and follows it again after', async (t) => {
    const host = bed.hosts.find((one) => one.kind === 'lxd');
    assert.ok(host);
    const fleet = await open(t);
    const { context } = fleet;
    const { id } = await enrol(fleet, host);
    const sync = createHostSync(context, { onOnline: async () => undefined });
    await sync.start();
    t.after(() => sync.stop());
    const status = (wanted: Host['status']) =>
      eventually(wanted, async () => ((await getHost(context, id)).status === wanted ? true : undefined));
    await eventually('live', async () => (sync.metrics().sessions.live === 1 ? true : undefined));
    await host.daemon('freeze'); // the nastiest fault: TCP accepts, TLS never answers
    await status('unreachable');
    await host.daemon('thaw');
    await status('online');
    await remove(fleet, id);
  });
});
