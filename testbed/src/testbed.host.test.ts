import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sweepTestbeds, type Testbed, TestbedError, type TestHost } from './index.ts';
import { findLeftovers } from './leftovers.ts';
import { openTestbed } from './open-testbed.ts';
import { waitUntil } from './wait-until.ts';

const PATIENCE = { timeoutMs: 60_000, everyMs: 100 } as const;

/** Two runs of this file may share a machine. */
const unique = process.pid.toString(36).slice(-4);

/** What the host says of itself over the LAN to our certificate; fails when it does not answer in a while. */
function askApi(host: TestHost, path = '/1.0', timeoutMs = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${host.url}${path}`,
      // Pinning is the client package's matter; here any certificate will do.
      {
        ...host.clientCertificate,
        rejectUnauthorized: false,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function answers(host: TestHost, timeoutMs = 1000): Promise<boolean> {
  try {
    return (await askApi(host, '/1.0', timeoutMs)).includes('"auth":"trusted"');
  } catch {
    // Refused, reset or silent: that is what these tests ask about.
    return false;
  }
}

/** Waits until the container has an address that matches, and returns it. */
async function addressOf(host: TestHost, container: string, pattern: RegExp): Promise<string> {
  let address: string | undefined;
  await waitUntil(
    `${container} on ${host.name} to have an address like ${pattern}`,
    async () => {
      const said = await host.cli(['exec', container, '--', 'ip', '-o', 'addr', 'show']);
      address = pattern.exec(said)?.[1];
      return address !== undefined;
    },
    PATIENCE,
  );
  return address ?? '';
}

function canConnect(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 2000 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

async function isRunning(host: TestHost, container: string): Promise<boolean> {
  return (
    (await host.cli(['list', `^${container}$`, '--format', 'csv', '--columns', 's'])).trim() === 'RUNNING'
  );
}

describe('a testbed of two LXD hosts and one Incus host', () => {
  let bed: Testbed;
  let lxd: TestHost;
  let incus: TestHost;

  before(async () => {
    bed = await openTestbed({ name: `a${unique}`, lxd: 2, incus: 1 });
    lxd = bed.host('host1');
    incus = bed.host('host3');
    await Promise.all([lxd, incus].map((host) => host.importImage('busybox')));
    await Promise.all([lxd, incus].map((host) => host.cli(['launch', 'bb', 'c1'])));
  });
  after(() => bed?.close());

  it('has separate servers that trust our certificate', async () => {
    assert.deepEqual(
      bed.hosts.map(({ kind }) => kind),
      ['lxd', 'lxd', 'incus'],
    );
    for (const host of bed.hosts) {
      const said = await askApi(host);
      assert.match(said, /"auth":"trusted"/);
      assert.match(said, new RegExp(`"server_name":"${host.name}"`));
      assert.match(said, new RegExp(`"certificate_fingerprint":"${await host.fingerprint()}"`));
      assert.ok((await host.memoryBytes()) > 1_000_000);
      assert.equal((await host.run(['hostname'])).trim(), host.name);
    }
    assert.equal(new Set(bed.hosts.map(({ url }) => url)).size, 3);
  });

  it('gives containers an address behind NAT and one on the LAN that the machine can reach', async () => {
    for (const host of [lxd, incus]) {
      await addressOf(host, 'c1', /eth0 .*inet (10\.214\.\d+\.\d+)/);
      const onLan = await addressOf(host, 'c1', /eth1 .*inet6 (2001:db8:[0-9a-f:]+)\/64/);
      await waitUntil(`the web server of c1 at ${onLan}`, () => canConnect(onLan, 80), PATIENCE);
    }
  });

  it('hands out trust tokens', async () => {
    for (const host of [lxd, incus]) {
      const token = JSON.parse(Buffer.from(await host.token('somebody'), 'base64').toString());
      assert.equal(token.client_name, 'somebody');
      assert.equal(token.fingerprint, await host.fingerprint());
    }
  });

  it('cuts a host off the LAN without touching what runs on it', async () => {
    await lxd.cable('out');
    assert.equal(await answers(lxd), false);
    assert.equal(await isRunning(lxd, 'c1'), true);
    assert.equal(await answers(bed.host('host2'), 10_000), true);
    await lxd.cable('in');
    await waitUntil('host1 to answer again', () => answers(lxd), PATIENCE);
  });

  it('loses all packets, then none', async () => {
    await lxd.loss(100);
    assert.equal(await answers(lxd), false);
    await lxd.loss(0);
    await lxd.rate(1000);
    await waitUntil('host1 to answer over a slow cable', () => answers(lxd, 5000), PATIENCE);
    await lxd.rate(0);
    await lxd.rate(0);
  });

  it('freezes a daemon, which accepts connections and says nothing', async () => {
    for (const host of [lxd, incus]) {
      await host.daemon('freeze');
      assert.equal(await canConnect(host.address, 8443), true);
      assert.equal(await answers(host), false);
      await host.daemon('thaw');
      await waitUntil(`${host.name} to answer again`, () => answers(host), PATIENCE);
    }
  });

  it('kills a daemon and leaves its containers running', async () => {
    await Promise.all(
      [lxd, incus].map(async (host) => {
        await host.daemon('kill');
        assert.equal(await answers(host), false);
        await host.daemon('start');
        assert.equal(await answers(host, 10_000), true);
        assert.equal(await isRunning(host, 'c1'), true);
      }),
    );
  });

  it('powers a host off and on, and its containers come back', async () => {
    await Promise.all(
      [lxd, incus].map(async (host) => {
        await host.power('off');
        assert.equal(await answers(host), false);
        assert.equal(await host.memoryBytes(), 0);
        await assert.rejects(host.run(['true']), isError('host-off'));
        await host.power('on');
        assert.equal(await answers(host, 10_000), true);
        await waitUntil(`c1 on ${host.name} to run again`, () => isRunning(host, 'c1'), PATIENCE);
      }),
    );
  });

  it('renumbers the LAN', async () => {
    await bed.renumber('2001:db8:77::');
    await addressOf(lxd, 'c1', /eth1 .*inet6 (2001:db8:77:[0-9a-f:]+)\/64/);
    await bed.routerAdvertisements('off');
    await bed.routerAdvertisements('on');
  });

  it('lives beside another testbed, and closing one leaves nothing of it and all of the other', async () => {
    const other = await openTestbed({ name: `b${unique}`, lxd: 1, trust: false, storage: 'btrfs' });
    const [host] = other.hosts;
    assert.ok(host);
    assert.notEqual(host.address, lxd.address);
    assert.match(await askApi(host), /"auth":"untrusted"/);
    await host.importImage('busybox');
    await host.cli(['launch', 'bb', 'c1']);
    assert.notDeepEqual(await findLeftovers(other.name), []);
    await other.close();
    assert.deepEqual(await findLeftovers(other.name), []);
    await other.close();
    assert.equal(await answers(lxd, 10_000), true);
    assert.equal(await isRunning(lxd, 'c1'), true);
  });

  it('refuses a name that is in use', async () => {
    await assert.rejects(openTestbed({ name: bed.name, lxd: 1 }), isError('in-use'));
  });

  it('leaves nothing when closed', async () => {
    await bed.close();
    assert.deepEqual(await findLeftovers(bed.name), []);
  });
});

describe('a testbed that does not end well', () => {
  it('is taken down when its opening is aborted', async () => {
    const stop = new AbortController();
    const opening = openTestbed({ name: `c${unique}`, lxd: 1, signal: stop.signal });
    await waitUntil(
      'something to be there',
      async () => (await findLeftovers(`c${unique}`)).length > 3,
      PATIENCE,
    );
    stop.abort(new Error('enough'));
    await assert.rejects(opening, /enough/);
    assert.deepEqual(await findLeftovers(`c${unique}`), []);
  });

  it('is swept by the next open of its name after kill -9 of its owner', async () => {
    const name = `d${unique}`;
    const code = `
      const { openTestbed } = await import(process.argv[1]);
      await openTestbed({ name: '${name}', lxd: 1 });
      process.stdout.write('up');
      setInterval(() => {}, 1000);`;
    const owner = spawn(
      process.execPath,
      ['--input-type=module', '-e', code, join(import.meta.dirname, 'index.ts')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(owner, 'exit');
    assert.equal(String((await Promise.race([once(owner.stdout, 'data'), ended]))[0]), 'up');
    await assert.rejects(openTestbed({ name, lxd: 1 }), isError('in-use'));
    owner.kill('SIGKILL');
    await ended;
    const bed = await openTestbed({ name, lxd: 1 });
    assert.equal(await answers(bed.host('host1'), 10_000), true);
    assert.ok(!(await sweepTestbeds()).includes(name), 'the living are not swept');
    await bed.close();
    assert.deepEqual(await findLeftovers(name), []);
  });
});

function isError(code: TestbedError['code']): (error: unknown) => boolean {
  return (error) => error instanceof TestbedError && error.code === code;
}
