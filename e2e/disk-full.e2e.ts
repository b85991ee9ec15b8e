import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { LongshoreError, type Operation } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { databasePid } from './database-process.ts';
import { instancesOnHost } from './instances-on-host.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

const run = promisify(execFile);
const LIMIT_MS = 120_000;
const MIB = 2 ** 20;
const DISK_MIB = 512;
/** Below the 256 MiB that exports leave to the database, and plenty for the database. */
const TIGHT_BYTES = 200 * MIB;

describe('a data directory whose disk is full', () => {
  let disk: string;
  let fleet: Fleet;
  let host: TestHost;
  let image: string;
  let kept: string;

  before(async () => {
    disk = await mkdtemp(join(tmpdir(), 'longshore-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0711`, 'longshore-test', disk]);
    fleet = await openFleet({ name: 'disk', lxd: 1, longshore: { dataDir: disk } });
    const [one] = fleet.testbed.hosts;
    assert.ok(one);
    host = one;
    image = await host.importImage('busybox');
    await fleet.enrol(host);
    kept = await fleet.launch('kept', { source: { image }, start: false });
  });

  after(async () => {
    await fleet?.close();
    await run('umount', ['--lazy', disk]);
    await rm(disk, { recursive: true, force: true });
  });

  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(disk);
    return bavail * bsize;
  };

  /** Fills the disk by a file of somebody else until no more than this is free. */
  async function fill(name: string, leaveBytes: number): Promise<void> {
    const file = await open(join(disk, name), 'w');
    try {
      for (let chunk = Buffer.alloc(MIB); chunk.length >= 4096; ) {
        if ((await freeBytes()) - chunk.length < leaveBytes) chunk = chunk.subarray(0, chunk.length / 2);
        else await file.write(chunk);
      }
    } catch (error) {
      // The database took the last of it at the same time: as full as can be.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      await file.close();
    }
  }

  const operationNow = async (id: string) =>
    (await fleet.client.call('getOperation', { params: { id } })).value;

  it('refuses an export that would take the last space, and goes on with everything else', async () => {
    await fill('filler', TIGHT_BYTES);
    await assert.rejects(
      fleet.done(fleet.client.call('exportInstance', { params: { id: kept }, body: {} })),
      (error: unknown) =>
        error instanceof LongshoreError && error.code === 'unavailable' && /no space/.test(error.message),
    );
    assert.deepEqual(await readdir(join(disk, 'exports')), [], 'nothing of the export is left');
    assert.deepEqual((await fleet.client.call('listExports', {})).value.items, []);
    await fleet.launch('meanwhile', { source: { image } });
  });

  it('accepts or refuses when nothing is left, and keeps what it accepted', async (t) => {
    const accepted = new Map<string, Operation>();
    let refusals = 0;
    /** Whether it was accepted. Any other answer than a clear refusal is a failure of this test. */
    const create = async (name: string, userData: string) => {
      try {
        const { value } = await fleet.client.call('createInstance', {
          body: { name, source: { image }, start: false, cloudInit: { userData } },
          idempotencyKey: name,
        });
        accepted.set(name, value.operation);
      } catch (error) {
        if (!(error instanceof LongshoreError && error.code === 'unavailable')) throw error;
        refusals += 1;
      }
    };
    // Accepted while there is space, and under way when there is none.
    for (let early = 0; early < 6; early += 1) await create(`early${early}`, '#cloud-config\n');
    assert.equal(accepted.size, 6);
    await fill('rest', 0);
    // What the database cannot put into the space that it has already.
    for (let large = 0, before = refusals; refusals === before && large < 60; large += 1) {
      await create(`large${large}`, `#cloud-config\n# ${randomBytes(300_000).toString('hex')}`);
    }
    assert.ok(refusals > 0, 'the disk was full');
    for (let late = 0; late < 3; late += 1) await create(`late${late}`, '#cloud-config\n');
    t.diagnostic(`${accepted.size} accepted, ${refusals} refused`);
    // The worst moment for a database to die: it has no space to come back either.
    process.kill(await databasePid(disk), 'SIGKILL');
    for (let ask = 0; ask < 2; ask += 1) {
      try {
        await fleet.client.call('listInstances', {});
      } catch (error) {
        const isRefusal = error instanceof LongshoreError && error.code === 'unavailable';
        assert.ok(
          isRefusal,
          `${String(error)}\n${fleet.longshore.output().split('\n').slice(-20).join('\n')}`,
        );
      }
    }
    assert.equal((await fetch(`${fleet.longshore.url}/healthz`)).status, 200, 'the server is still there');

    await rm(join(disk, 'filler'));
    await rm(join(disk, 'rest'));
    await untilTrue(
      'all that was accepted has ended',
      async () => {
        for (const { id } of accepted.values()) {
          if ((await operationNow(id)).endedAt === null) return false;
        }
        return true;
      },
      LIMIT_MS,
    );
    const expected = ['kept', 'meanwhile'];
    for (const [name, { id }] of accepted) {
      const { status } = await operationNow(id);
      if (status === 'succeeded') expected.push(name);
    }
    const real = (await instancesOnHost(host)).map(({ name }) => name);
    assert.deepEqual(real.sort(), expected.sort(), 'on the host is what succeeded');
    const { value: page } = await fleet.client.call('listInstances', { query: { limit: 1000 } });
    assert.deepEqual(page.items.map(({ name }) => name).sort(), expected);
  });

  it('works again when there is space', async () => {
    await fleet.done(fleet.client.call('exportInstance', { params: { id: kept }, body: {} }));
    assert.equal((await fleet.client.call('listExports', {})).value.items.length, 1);
    await fleet.launch('afterwards', { source: { image } });
  });
});
