import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

describe('one private cloud out of two LXD hosts and an Incus host', () => {
  let fleet: Fleet;
  let hosts: [TestHost, TestHost, TestHost];
  let image: string;

  before(async () => {
    fleet = await openFleet({ name: 'fleet', lxd: 2, incus: 1 });
    const [one, two, three] = fleet.testbed.hosts;
    assert.ok(one && two && three);
    hosts = [one, two, three];
    image = await one.importImage('busybox');
    await one.cli(['launch', image, 'found']);
    for (const host of hosts) await fleet.enrol(host);
  });

  after(() => fleet?.close());

  const instance = async (id: string) => (await fleet.client.call('getInstance', { params: { id } })).value;
  const find = async (filter: string) =>
    (await fleet.client.call('listInstances', { query: { filter } })).value.items;

  it('adopts what it finds, unclaimed, and lets a person claim it', async () => {
    await untilTrue('the found instance is listed with its address', async () => {
      const [found] = await find('found');
      return found?.status === 'running' && found.claimed === false && found.addresses.length > 0;
    });
    const [found] = await find('found');
    assert.ok(found);
    const { etag } = await fleet.client.call('getInstance', { params: { id: found.id } });
    assert.ok(etag);
    await fleet.client.call('updateInstance', {
      params: { id: found.id },
      body: { claimed: true, labels: { env: 'lab' } },
      ifMatch: etag,
    });
    assert.deepEqual(
      (await find('label:env=lab')).map((one) => one.name),
      ['found'],
    );
  });

  it('launches on a named host and by placement, bringing the image along', async () => {
    const web = await fleet.launch('web', {
      source: { image },
      placement: { host: hosts[0].name },
      limits: { memory: '256MiB' },
    });
    assert.equal((await instance(web)).status, 'running');
    assert.match(await hosts[0].cli(['list', '-f', 'csv', '-c', 'ns', '^web$']), /web,RUNNING/);
    const spread = await fleet.launch('spread', { source: { image } });
    const { placementReason, host } = await instance(spread);
    assert.ok(placementReason?.length, 'the reason of the placement is kept');
    assert.ok(hosts.some((one) => one.name === host.name));
    const incus = await fleet.launch('on-incus', { source: { image }, placement: { host: hosts[2].name } });
    assert.equal((await instance(incus)).status, 'running');
  });

  it('refuses a name that is taken', async () => {
    await assert.rejects(
      fleet.client.call('createInstance', {
        body: { name: 'web', source: { image }, placement: { host: hosts[1].name } },
      }),
      (error: unknown) => error instanceof LongshoreError && error.code === 'name-taken',
    );
  });

  it('stops, freezes, configures and snapshots, and shows what the host shows', async () => {
    const [web] = await find('name:web');
    assert.ok(web);
    const params = { id: web.id };
    await fleet.done(fleet.client.call('powerInstance', { params, body: { action: 'freeze' } }));
    assert.equal((await instance(web.id)).status, 'frozen');
    await fleet.done(fleet.client.call('powerInstance', { params, body: { action: 'unfreeze' } }));
    await fleet.done(fleet.client.call('createSnapshot', { params, body: { name: 'first' } }));
    assert.deepEqual(
      (await instance(web.id)).snapshots.map((one) => one.name),
      ['first'],
    );
    await fleet.done(
      fleet.client.call('configureInstance', {
        params,
        body: { config: { 'user.colour': 'blue' }, limits: { memory: '200MiB' } },
      }),
    );
    assert.equal((await hosts[0].cli(['config', 'get', 'web', 'user.colour'])).trim(), 'blue');
    await fleet.done(
      fleet.client.call('restoreSnapshot', { params: { id: web.id, snapshot: 'first' }, body: {} }),
    );
    assert.equal((await instance(web.id)).config['user.colour'], undefined);
    await fleet.done(fleet.client.call('powerInstance', { params, body: { action: 'stop', force: true } }));
    assert.equal((await instance(web.id)).status, 'stopped');
  });

  it('moves between independent hosts, direct and through itself, with its snapshots', async () => {
    const [web] = await find('name:web');
    assert.ok(web);
    const params = { id: web.id };
    await fleet.done(fleet.client.call('powerInstance', { params, body: { action: 'start' } }));
    await fleet.done(
      fleet.client.call('moveInstance', {
        params,
        body: { placement: { host: hosts[1].name }, via: 'direct', force: true },
      }),
    );
    const moved = await instance(web.id);
    assert.deepEqual([moved.host.name, moved.status, moved.snapshots.length], [hosts[1].name, 'running', 1]);
    assert.equal((await hosts[0].cli(['list', '-f', 'csv', '-c', 'n', '^web$'])).trim(), '');
    await fleet.done(
      fleet.client.call('moveInstance', {
        params,
        body: { placement: { host: hosts[0].name }, via: 'relay', force: true },
      }),
    );
    assert.deepEqual(
      [(await instance(web.id)).host.name, (await find('name:web')).length],
      [hosts[0].name, 1],
    );
    assert.match(await hosts[0].cli(['list', '-f', 'csv', '-c', 'ns', '^web$']), /web,RUNNING/);
  });

  it('copies, exports and imports', async () => {
    const [web] = await find('name:web');
    assert.ok(web);
    const { value } = await fleet.client.call('copyInstance', {
      params: { id: web.id },
      body: { name: 'twin', placement: { host: hosts[1].name } },
    });
    await fleet.done(Promise.resolve({ value }));
    assert.equal((await instance(value.instanceId)).host.name, hosts[1].name);
    await fleet.done(fleet.client.call('exportInstance', { params: { id: value.instanceId }, body: {} }));
    const { value: exports } = await fleet.client.call('listExports', {});
    const [file] = exports.items;
    assert.ok(file);
    const download = await fleet.client.download('downloadExport', { params: { id: file.id } });
    assert.ok(download.body);
    const imported = await fleet.client.call('importInstance', {
      query: { name: 'back', host: hosts[0].name },
      stream: download.body,
    });
    await fleet.done(Promise.resolve(imported));
    assert.equal((await instance(imported.value.instanceId)).status, 'stopped');
  });

  it('does one action on many, with a result for each', async () => {
    const operation = await fleet.done(
      fleet.client.call('bulk', {
        body: { action: { do: 'power', power: { action: 'stop', force: true } }, filter: 'status:running' },
      }),
    );
    assert.ok(operation.items && operation.items.total >= 4 && operation.items.failed === 0);
    assert.deepEqual(await find('status:running'), []);
  });

  it('protects, deletes, and forgets only what a person lets go', async () => {
    const [twin] = await find('name:twin');
    assert.ok(twin);
    const params = { id: twin.id };
    const { etag } = await fleet.client.call('getInstance', { params });
    await fleet.client.call('updateInstance', { params, body: { protected: true }, ifMatch: etag ?? '' });
    await assert.rejects(
      fleet.client.call('deleteInstance', { params }),
      (error: unknown) => error instanceof LongshoreError && error.code === 'protected',
    );
    const [back] = await find('name:back');
    assert.ok(back);
    await fleet.done(fleet.client.call('deleteInstance', { params: { id: back.id } }));
    assert.deepEqual(await find('name:back'), []);
    await hosts[1].cli(['delete', 'twin']);
    await untilTrue(
      'the deleted instance is missing, not gone',
      async () => (await instance(twin.id)).status === 'missing',
    );
  });

  it('lets a host go: takes its own trust entry away and leaves the instances alone', async () => {
    const { value } = await fleet.client.call('listHosts', { query: { filter: `name:${hosts[2].name}` } });
    const [host] = value.items;
    assert.ok(host);
    const before = await hosts[2].cli(['config', 'trust', 'list', '-f', 'csv']);
    await fleet.done(fleet.client.call('removeHost', { params: { id: host.id } }));
    const trust = await hosts[2].cli(['config', 'trust', 'list', '-f', 'csv']);
    assert.ok(before.includes('longshore') && !trust.includes('longshore'), trust);
    assert.match(await hosts[2].cli(['list', '-f', 'csv', '-c', 'n']), /on-incus/);
    assert.deepEqual(await find('name:on-incus'), []);
  });
});
