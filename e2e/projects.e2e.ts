import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, waitForOperation } from '@longshore/contract';
import { createTestBrowser, type TestHost } from '@longshore/testbed';
import { z } from 'zod';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

const MIB = 1024 ** 2;
const password = 'correct horse battery';
const NewToken = z.object({ secret: z.string() });

describe('a tenant on a real host', { timeout: 180_000 }, () => {
  let fleet: Fleet;
  let host: TestHost;
  let image: string;
  let anna: Client;
  let web: string;

  before(async () => {
    fleet = await openFleet({ name: 'tenant', lxd: 1 });
    const [only] = fleet.testbed.hosts;
    assert.ok(only);
    host = only;
    image = await host.importImage('busybox');
    await host.cli(['launch', image, 'found', '-c', 'limits.cpu=1', '-c', 'limits.memory=64MiB']);
    await fleet.enrol(host);
    const { call } = fleet.client;
    await call('createPerson', { body: { name: 'anna', displayName: 'Anna', password } });
    await call('createProject', {
      body: { name: 'lab', quota: { instances: 3, cpu: 3, memoryBytes: 256 * MIB } },
    });
    await call('addMember', {
      params: { id: 'lab' },
      body: { subject: { kind: 'person', name: 'anna' }, role: 'admin' },
    });
    const browser = createTestBrowser();
    const ask = (path: string, body: unknown) =>
      browser.change('POST', `${fleet.longshore.url}${path}`, body);
    assert.equal((await ask('/v1/login', { name: 'anna', password })).status, 200);
    const made = await ask('/v1/me/tokens', { name: 'e2e', scopes: ['*'] });
    anna = createClient({
      url: fleet.longshore.url,
      token: NewToken.parse(await made.json()).secret,
    });
  });

  after(() => fleet?.close());

  const use = async () => (await anna.call('getProject', { params: { id: 'lab' } })).value.use;
  const create = (name: string, memory: string) =>
    anna.call('createInstance', {
      body: { name, project: 'lab', source: { image }, limits: { cpu: '1', memory } },
    });

  it('creates within the quota, and sees nothing else', async () => {
    const { value } = await create('web', '128MiB');
    await waitForOperation(anna, value.operation.id);
    web = value.instanceId;
    const { items } = (await anna.call('listInstances', {})).value;
    assert.deepEqual(
      items.map(({ name, status }) => [name, status]),
      [['web', 'running']],
    );
    await assert.rejects(create('large', '129MiB'), { code: 'quota-exceeded' });
    assert.deepEqual([(await use()).memoryBytes, (await use()).cpu], [128 * MIB, 1]);
    const configuration = { params: { id: web }, body: { config: { 'security.privileged': 'true' } } };
    await assert.rejects(anna.call('configureInstance', configuration), { code: 'host-reach-denied' });
  });

  it('gets what was found on the host, and counts what was changed there', async () => {
    const [found] = (await fleet.client.call('listInstances', { query: { filter: 'name:found' } })).value
      .items;
    assert.ok(found);
    const params = { id: found.id };
    await assert.rejects(anna.call('getInstance', { params }), { code: 'not-found' });
    const { etag } = await fleet.client.call('getInstance', { params });
    await fleet.client.call('updateInstance', {
      params,
      body: { claimed: true, project: 'lab' },
      ifMatch: etag ?? '',
    });
    assert.equal((await anna.call('getInstance', { params })).value.name, 'found');
    assert.equal((await use()).memoryBytes, 192 * MIB);
    await host.cli(['config', 'set', 'found', 'limits.memory=32MiB']);
    await untilTrue('the change on the host is counted', async () => (await use()).memoryBytes === 160 * MIB);
  });

  it('leaves a trace, as does who works on the host itself', async () => {
    await host.cli(['stop', 'web', '--force']);
    const trace = async () =>
      (await fleet.client.call('listAudit', { query: { filter: `target:${web}` } })).value.items;
    await untilTrue('the stop on the host is in the audit log', async () =>
      (await trace()).some(
        ({ who, detail }) => who.kind === 'foreign' && detail.action === 'instance-stopped',
      ),
    );
    const [made] = (await trace()).filter(({ action }) => action === 'createInstance');
    assert.equal(made?.who.name, 'anna');
    const refused = (await fleet.client.call('listAudit', { query: { filter: 'code:quota-exceeded' } })).value
      .items;
    assert.deepEqual(
      refused.map(({ who, action, target }) => [who.name, action, target.name]),
      [['anna', 'createInstance', 'large']],
    );
    const foreign = (await fleet.client.call('listAudit', { query: { filter: 'action:foreign-change' } }))
      .value.items;
    assert.ok(
      foreign.every(({ detail }) => detail.action !== 'instance-created'),
      'what Longshore did itself is not foreign',
    );
  });
});
