import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { isLxdError } from './lxd-error.ts';
import { readSimplestreams } from './simplestreams.ts';
import { portOf } from './testing/scripted-server.ts';

const product = {
  aliases: 'debian/12/default,debian/12',
  arch: 'amd64',
  os: 'Debian',
  release: 'bookworm',
  release_title: 'bookworm',
  variant: 'default',
  versions: {
    '20260101_05:24': { items: { 'old.tar.xz': { ftype: 'lxd.tar.xz', size: 1 } } },
    '20260102_05:24': {
      items: {
        'lxd.tar.xz': {
          ftype: 'lxd.tar.xz',
          size: 10,
          combined_squashfs_sha256: 'c0ffee',
          'combined_disk-kvm-img_sha256': 'd15c',
        },
        'root.squashfs': { ftype: 'squashfs', size: 1000 },
        'disk.qcow2': { ftype: 'disk-kvm.img', size: 5000 },
      },
    },
  },
};

describe('readSimplestreams', () => {
  let server: Server;
  let base: string;
  const files: Record<string, unknown> = {
    '/streams/v1/index.json': {
      index: {
        images: { datatype: 'image-downloads', path: 'streams/v1/images.json' },
        other: { datatype: 'something-else', path: 'no/such/file' },
      },
    },
    '/streams/v1/images.json': { products: { 'debian:bookworm:amd64:default': product } },
    '/odd/streams/v1/index.json': { index: 7 },
  };
  before(async () => {
    server = createServer((request, response) => {
      const file = files[request.url ?? ''];
      if (file === undefined) response.writeHead(404).end();
      else response.end(JSON.stringify(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${portOf(server.address())}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('lists the newest version of each product with what it can make', async () => {
    assert.deepEqual(await readSimplestreams(`${base}/`), [
      {
        id: 'debian:bookworm:amd64:default',
        aliases: ['debian/12/default', 'debian/12'],
        os: 'Debian',
        release: 'bookworm',
        releaseTitle: 'bookworm',
        architecture: 'amd64',
        variant: 'default',
        version: '20260102_05:24',
        types: ['container', 'virtual-machine'],
        bytes: { container: 1010, 'virtual-machine': 5010 },
        fingerprints: { container: 'c0ffee', 'virtual-machine': 'd15c' },
      },
    ]);
  });

  it('says what is wrong with a server that is none', async () => {
    await assert.rejects(readSimplestreams(`${base}/none`), (e) => isLxdError(e, 'not-found'));
    await assert.rejects(readSimplestreams(`${base}/odd`), (e) => isLxdError(e, 'bad-reply'));
  });
});
