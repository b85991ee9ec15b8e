import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageCopy, LongshoreError } from '@longshore/contract';
import { refreshHost } from '../sync/refresh-host.ts';
import { openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { copyImage, copyImageHandler } from './copy-image.ts';
import { listImages } from './list-images.ts';
import { removeImage, removeImageHandler } from './remove-image.ts';

const requester = { name: 'test' };
const page = { limit: 50 };

/** Three hosts of which only the first has the image `bb`, and a worker. */
async function openWithOneImage(scope: Parameters<typeof openTestFleet>[0]): Promise<TestFleet> {
  const fleet = await openTestFleet(scope, { count: 3, operationMs: 20 });
  for (const [index, id] of fleet.hostIds.entries()) {
    const { client } = await fleet.context.connections.client(id);
    if (index > 0) {
      for (const { fingerprint } of await client.images.list()) {
        await client.operations.wait(await client.images.delete(fingerprint));
      }
    }
    await refreshHost(fleet.context, id);
  }
  await fleet.work([copyImageHandler, removeImageHandler]);
  return fleet;
}

describe('images of the fleet', () => {
  it('come from another host when they are copied, with their aliases, and are listed once', async (t) => {
    const fleet = await openWithOneImage(t);
    const [image] = (await listImages(fleet.context, { ...page, filter: 'alias:bb' })).items;
    assert.ok(image !== undefined);
    assert.deepEqual(
      image.hosts.map((host) => host.hostId),
      [fleet.hostIds[0]],
    );
    const request = ImageCopy.parse({ source: { image: 'bb' }, hosts: ['sim2', 'sim3'], aliases: ['tiny'] });
    const ended = await fleet.ended((await copyImage(fleet.context, request, requester)).operation);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended.failure));
    const { items, total } = await listImages(fleet.context, { ...page, filter: 'alias:tiny' });
    assert.deepEqual([items.length, total], [1, 1]);
    assert.equal(items[0]?.fingerprint, image.fingerprint);
    assert.deepEqual(items[0]?.hosts.map((host) => host.hostId).sort(), [...fleet.hostIds].sort());
    const elsewhere = await listImages(fleet.context, { ...page, filter: '-host:sim3' });
    assert.ok(!elsewhere.items.some((item) => item.fingerprint === image.fingerprint));
  });

  it('are copied where that is possible, with a result for each host', async (t) => {
    const fleet = await openWithOneImage(t);
    await fleet.simulated.hosts[2]?.stop();
    const request = ImageCopy.parse({ source: { image: 'bb' }, hosts: ['sim2', 'sim3'] });
    const ended = await fleet.ended((await copyImage(fleet.context, request, requester)).operation);
    assert.equal(ended.status, 'failed');
    assert.equal(ended.failure?.code, 'partly-failed');
    const hosts: unknown = ended.result?.hosts;
    assert.ok(Array.isArray(hosts));
    assert.deepEqual(
      hosts.map((host: { hostName: string; failure: { code: string } | null }) => [
        host.hostName,
        host.failure?.code,
      ]),
      [
        ['sim2', undefined],
        ['sim3', 'host-unreachable'],
      ],
    );
  });

  it('fail with their name when nobody has them', async (t) => {
    const fleet = await openWithOneImage(t);
    const request = ImageCopy.parse({ source: { image: 'nonesuch' }, hosts: ['sim2'] });
    const ended = await fleet.ended((await copyImage(fleet.context, request, requester)).operation);
    assert.equal(ended.failure?.code, 'image-not-found');
    await assert.rejects(
      copyImage(fleet.context, { ...request, hosts: ['sim9'] }, requester),
      LongshoreError,
    );
  });

  it('are removed from all hosts that have them', async (t) => {
    const fleet = await openWithOneImage(t);
    const [image] = (await listImages(fleet.context, { ...page, filter: 'alias:bb' })).items;
    assert.ok(image !== undefined);
    const { fingerprint } = image;
    const ended = await fleet.ended((await removeImage(fleet.context, { fingerprint }, requester)).operation);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended.failure));
    assert.deepEqual(
      (await listImages(fleet.context, { ...page, filter: `fingerprint:${fingerprint}` })).items,
      [],
    );
    await assert.rejects(
      removeImage(fleet.context, { fingerprint }, requester),
      /No host of the fleet has an image/,
    );
  });
});
