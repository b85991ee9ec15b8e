import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ImageCopy, InstanceCreation } from '@longshore/contract';
import type { LxdClient } from '@longshore/lxd';
import type { TestHost } from '@longshore/testbed';
import { copyInstance } from '../copies/copy-instance.ts';
import { exportInstance } from '../exports/export-instance.ts';
import { importInstance } from '../exports/import-instance.ts';
import { openExport } from '../exports/read-exports.ts';
import { copyImage } from '../images/copy-image.ts';
import { listImages } from '../images/list-images.ts';
import { createInstance } from '../instances/create-instance.ts';
import { createSnapshot } from '../instances/snapshots.ts';
import { getOperation } from '../operations/read-operations.ts';
import { openRealFleet, type RealFleet } from '../testing/real-fleet.ts';
import { eventually } from '../testing/test-fleet.ts';
import { sweepLeftovers } from './leftovers.ts';
import { moveInstance } from './move-instance.ts';

const requester = { name: 'test' };

describe('instances between real hosts', () => {
  const closing: (() => Promise<void>)[] = [];
  let fleet: RealFleet;
  let hosts: { lxd: TestHost; other: TestHost; incus: TestHost };

  before(async () => {
    fleet = await openRealFleet(
      { after: (fn) => void closing.push(fn) },
      { name: 'fmove', lxd: 2, incus: 1 },
    );
    const [lxd, other, incus] = fleet.testbed.hosts;
    assert.ok(lxd !== undefined && other !== undefined && incus !== undefined);
    hosts = { lxd, other, incus };
    await lxd.importImage('busybox');
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function client(host: TestHost): Promise<LxdClient> {
    return (await fleet.context.connections.client(fleet.hostId(host))).client;
  }

  async function create(name: string, host: TestHost): Promise<string> {
    const creation = InstanceCreation.parse({
      name,
      source: { image: 'bb' },
      placement: { host: host.name },
      config: { 'user.color': 'red', 'boot.autostart': 'true' },
    });
    const { operation, instanceId = '' } = await createInstance(fleet.context, creation, requester);
    await fleet.succeeded(operation);
    return instanceId;
  }

  async function move(id: string, to: TestHost, via: 'auto' | 'direct' | 'relay') {
    const placement = { host: to.name };
    const { operation } = await moveInstance(fleet.context, { id, placement, via, force: true }, requester);
    return fleet.ended(operation, 60);
  }

  async function assertRunsOnlyOn(name: string, host: TestHost): Promise<void> {
    for (const each of fleet.testbed.hosts) {
      const found = (await (await client(each)).instances.list()).find((instance) => instance.name === name);
      assert.equal(found?.status, each === host ? 'Running' : undefined, `${name} on ${each.name}`);
      if (found === undefined) continue;
      assert.equal(found.config['user.longshore.move'], undefined);
      assert.equal(found.config['boot.autostart'], 'true');
      assert.equal(found.config['user.color'], 'red');
    }
    const rows = await fleet.context.store.db
      .selectFrom('instances')
      .select(['host_id', 'status'])
      .where('name', '=', name)
      .execute();
    assert.deepEqual(rows, [{ host_id: fleet.hostId(host), status: 'running' }]);
  }

  it('moves directly, with snapshots and files, and through Longshore where hosts do not reach each other', async () => {
    const id = await create('wanderer', hosts.lxd);
    await (await client(hosts.lxd)).instances.exec('wanderer', {
      command: ['sh', '-c', 'echo kept > /root/note'],
    });
    await fleet.succeeded(
      (
        await createSnapshot(
          fleet.context,
          { id, name: 'first', stateful: false, expiresAt: null },
          requester,
        )
      ).operation,
    );

    const there = await move(id, hosts.other, 'direct');
    assert.equal(there.status, 'succeeded', JSON.stringify(there, null, 1));
    assert.equal(there.result?.route, 'pull');
    await assertRunsOnlyOn('wanderer', hosts.other);

    await keepApart(hosts.lxd, hosts.other);
    const back = await move(id, hosts.lxd, 'auto');
    for (const host of [hosts.lxd, hosts.other]) await host.run(['nft', 'delete', 'table', 'inet', 'apart']);
    assert.equal(back.status, 'succeeded', JSON.stringify(back, null, 1));
    assert.equal(back.result?.route, 'relay');
    await assertRunsOnlyOn('wanderer', hosts.lxd);
    const { instances } = await client(hosts.lxd);
    assert.equal(
      (await instances.exec('wanderer', { command: ['cat', '/root/note'] })).stdout.toString().trim(),
      'kept',
    );
    assert.deepEqual(
      (await instances.snapshots.list('wanderer')).map((snapshot) => snapshot.name),
      ['first'],
    );
  });

  it('moves from LXD to Incus and back', async () => {
    const id = await create('changer', hosts.lxd);
    const there = await move(id, hosts.incus, 'auto');
    assert.equal(there.status, 'succeeded', JSON.stringify(there, null, 1));
    await assertRunsOnlyOn('changer', hosts.incus);
    const back = await move(id, hosts.other, 'auto');
    assert.equal(back.status, 'succeeded', JSON.stringify(back, null, 1));
    await assertRunsOnlyOn('changer', hosts.other);
  });

  it('ends with one running instance when its old host loses power on the way', async () => {
    const id = await create('survivor', hosts.other);
    const request = { id, placement: { host: hosts.lxd.name }, via: 'auto', force: true } as const;
    const { operation } = await moveInstance(fleet.context, request, requester);
    await eventually('the copy to begin', async () => {
      const { steps } = await getOperation(fleet.context, operation.id);
      return steps.some((step) => step.name.startsWith('copy to')) ? true : undefined;
    });
    await hosts.other.power('off');
    await hosts.other.power('on');
    await fleet.succeeded(operation, 60);
    await eventually('the old half to be gone', async () => {
      await sweepLeftovers(fleet.context);
      const left = await fleet.context.store.db.selectFrom('move_leftovers').selectAll().execute();
      return left.length === 0 ? true : undefined;
    });
    await assertRunsOnlyOn('survivor', hosts.lxd);
  });

  it('copies what runs: on its host, to another one, and out of a snapshot', async () => {
    const id = await create('original', hosts.lxd);
    await fleet.succeeded(
      (await createSnapshot(fleet.context, { id, name: 's0', stateful: false, expiresAt: null }, requester))
        .operation,
    );
    const copy = async (name: string, rest: { placement?: { host: string }; snapshot?: string }) => {
      const request = { id, name, placement: {}, labels: {}, start: true, ...rest };
      const { operation, instanceId } = await copyInstance(fleet.context, request, requester);
      await fleet.succeeded(operation);
      return instanceId;
    };
    await copy('here', {});
    await copy('there', { placement: { host: hosts.other.name } });
    await copy('past', { placement: { host: hosts.other.name }, snapshot: 's0' });
    const source = await (await client(hosts.lxd)).instances.get('original');
    const near = await (await client(hosts.lxd)).instances.get('here');
    const far = await (await client(hosts.other)).instances.get('there');
    for (const { value } of [near, far]) {
      assert.equal(value.status, 'Running');
      assert.equal(value.config['user.color'], 'red');
      assert.equal(value.config['user.longshore.making'], undefined);
      assert.notEqual(value.config['volatile.uuid'], source.value.config['volatile.uuid']);
      assert.notEqual(value.config['volatile.eth0.hwaddr'], source.value.config['volatile.eth0.hwaddr']);
    }
    const left = await (await client(hosts.lxd)).instances.snapshots.list('original');
    assert.deepEqual(
      left.map((snapshot) => snapshot.name),
      ['s0'],
      'no snapshot of a copy is left',
    );
  });

  it('brings an image to an LXD and an Incus host, and makes instances of it there', async () => {
    const request = ImageCopy.parse({
      source: { image: 'bb' },
      hosts: [hosts.other.name, hosts.incus.name],
      aliases: ['tiny'],
    });
    const ended = await fleet.succeeded((await copyImage(fleet.context, request, requester)).operation);
    const { items } = await listImages(fleet.context, { limit: 10, filter: 'alias:tiny' });
    assert.equal(items.length, 1, JSON.stringify(ended.result));
    assert.equal(items[0]?.hosts.length, 3);
    const creation = InstanceCreation.parse({
      name: 'newcomer',
      source: { image: 'tiny' },
      placement: { host: hosts.incus.name },
    });
    await fleet.succeeded((await createInstance(fleet.context, creation, requester)).operation);
  });

  it('exports an instance, and imports the file elsewhere under another name', async () => {
    const id = await create('packed', hosts.lxd);
    const exported = await fleet.succeeded(
      (await exportInstance(fleet.context, { id, instanceOnly: false }, requester)).operation,
    );
    const file = await openExport(fleet.context, String(exported.result?.exportId));
    assert.match(file.fileName, /^packed-.*\.tar\.gz$/);
    assert.deepEqual(await (await client(hosts.lxd)).instances.backups.list('packed'), []);
    const { operation, instanceId = '' } = await importInstance(
      fleet.context,
      { name: 'unpacked', host: hosts.other.name, lxdProject: 'default', upload: file.stream },
      requester,
    );
    await fleet.succeeded(operation);
    const [before, now] = await Promise.all([
      (await client(hosts.lxd)).instances.get('packed'),
      (await client(hosts.other)).instances.get('unpacked'),
    ]);
    assert.equal(now.value.config['user.longshore.id'], instanceId);
    assert.equal(now.value.config['user.color'], 'red');
    assert.notEqual(now.value.config['volatile.uuid'], before.value.config['volatile.uuid']);
    const row = await fleet.context.store.db
      .selectFrom('instances')
      .select(['status', 'claimed'])
      .where('id', '=', instanceId)
      .executeTakeFirst();
    assert.deepEqual(row, { status: 'stopped', claimed: true });
  });
});

/** Lets neither host reach the API of the other; ours is reached over IPv4 from another address. */
async function keepApart(...pair: readonly [TestHost, TestHost]): Promise<void> {
  for (const [host, other] of [pair, [pair[1], pair[0]]] as const) {
    for (const rule of [
      'add table inet apart',
      'add chain inet apart in { type filter hook input priority -10; }',
      `add rule inet apart in ip saddr ${other.address} drop`,
      'add rule inet apart in meta nfproto ipv6 tcp dport 8443 drop',
    ]) {
      await host.run(['nft', rule]);
    }
  }
}
