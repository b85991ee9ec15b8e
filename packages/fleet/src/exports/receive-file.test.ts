import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LongshoreError } from '@longshore/contract';
import { readBackupIndex } from './backup-index.ts';
import { receiveFile } from './receive-file.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'longshore-files-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

function hasCode(code: string) {
  return (error: unknown): boolean => error instanceof LongshoreError && error.code === code;
}

const signal = new AbortController().signal;

describe('receiving a file', () => {
  it('keeps it under its name, with its size and hash', async (t) => {
    const path = join(await folder(t), 'exports', 'a.tar.gz');
    const content = Buffer.alloc(300_000, 'longshore');
    const received = await receiveFile(path, Readable.from([content.subarray(0, 7), content.subarray(7)]), {
      signal,
    });
    assert.deepEqual(await readFile(path), content);
    assert.deepEqual(received, {
      sizeBytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
  });

  it('leaves nothing of one that breaks off, is too large, or is aborted', async (t) => {
    const path = await folder(t);
    async function* breaking() {
      yield Buffer.from('half');
      throw new Error('cut');
    }
    await assert.rejects(receiveFile(join(path, 'a'), Readable.from(breaking()), { signal }), /cut/);
    const large = Readable.from([Buffer.alloc(10)]);
    await assert.rejects(receiveFile(join(path, 'b'), large, { signal, maxBytes: 9 }), hasCode('too-large'));
    const endless = new Readable({ read: () => undefined });
    const gone = new AbortController();
    const receiving = receiveFile(join(path, 'c'), endless, { signal: gone.signal });
    gone.abort(new Error('the client has gone'));
    await assert.rejects(receiving, /the client has gone/);
    assert.ok(endless.destroyed);
    assert.deepEqual(await readdir(path), []);
  });

  it('says that the disk is full, and leaves room for the database', async (t) => {
    const path = await folder(t);
    const upload = Readable.from([Buffer.alloc(10)]);
    const full = receiveFile(join(path, 'a'), upload, { signal, freeBytes: async () => 100 * 1024 ** 2 });
    await assert.rejects(full, hasCode('unavailable'));
    assert.deepEqual(await readdir(path), []);
  });
});

/** A tar archive of one entry (POSIX ustar). */
function tar(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('ustar', 257);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(512 - (content.length % 512))]);
}

describe('the index of a backup', () => {
  const uuid = '0a8b0dd6-0f3c-4d5e-8a3c-2f3b8b0f6a11';
  // As LXD writes it: keys of maps in the order of the alphabet.
  const yaml = `name: web1
backend: dir
type: virtual-machine
config:
  instance:
    config:
      limits.cpu: "2"
      limits.memory: 1GiB
      volatile.uuid: ${uuid}
    devices:
      data:
        path: /srv
        size: 5GiB
        type: disk
      root:
        path: /
        pool: default
        size: 10GiB
        type: disk
`;

  it('tells type, name, identity and size, whether it is compressed or not', async (t) => {
    const path = join(await folder(t), 'backup');
    for (const content of [tar('backup/index.yaml', yaml), gzipSync(tar('backup/index.yaml', yaml))]) {
      await writeFile(path, content);
      assert.deepEqual(await readBackupIndex(path), {
        type: 'virtual-machine',
        name: 'web1',
        uuid,
        limits: { 'limits.cpu': '2', 'limits.memory': '1GiB' },
        disk: '10GiB',
      });
    }
  });

  it('leaves compressions to the host that only it can open', async (t) => {
    const path = join(await folder(t), 'backup');
    await writeFile(path, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]));
    assert.equal(await readBackupIndex(path), 'unknown');
  });

  it('refuses what is no backup', async (t) => {
    const path = join(await folder(t), 'backup');
    for (const content of [
      '',
      'hello',
      Buffer.alloc(4096),
      gzipSync('x'),
      tar('etc/passwd', 'root'),
      Buffer.from([0x1f, 0x8b, 1]),
    ]) {
      await writeFile(path, content);
      await assert.rejects(readBackupIndex(path), hasCode('bad-request'));
    }
  });
});
