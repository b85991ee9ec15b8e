import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLxdClient, type LxdClient, type LxdEvent, probeServer } from '@longshore/lxd';
import { waitUntil } from '../wait-until.ts';
import { makeHostKeys, makeServerCertificate } from './certificate.ts';
import { patienceMs, refused } from './contract-subject.ts';
import { type SimulatedFleet, type SimulatedHost, startSimulatedHosts } from './index.ts';
import { startSimulationProcess } from './simulation-process.ts';

describe('simulated hosts', { timeout: 3 * patienceMs }, () => {
  let fleet: SimulatedFleet;
  let host: SimulatedHost;
  let client: LxdClient;
  let clientCertificate: { cert: string; key: string };

  before(async () => {
    clientCertificate = makeServerCertificate(await makeHostKeys(Date.now()), 1);
    const trusted = [clientCertificate];
    fleet = await startSimulatedHosts({
      count: 3,
      instancesPerHost: 20,
      kind: 'mixed',
      trusted,
      projects: ['tenant'],
    });
    const [first] = fleet.hosts;
    assert.ok(first);
    host = first;
    client = clientOf(host);
  });
  after(async () => {
    await client.close();
    await fleet.close();
  });

  function clientOf({ url, fingerprint }: SimulatedHost): LxdClient {
    return createLxdClient({ kind: 'https', url, fingerprint, clientCertificate });
  }

  it('are different hosts, each with its own certificate and instances', async () => {
    assert.deepEqual(
      fleet.hosts.map(({ kind }) => kind),
      ['lxd', 'lxd', 'incus'],
    );
    assert.equal(new Set(fleet.hosts.map(({ fingerprint }) => fingerprint)).size, 3);
    assert.equal((await probeServer(host.url)).fingerprint, host.fingerprint);
    const names = fleet.hosts.flatMap((each) => [...each.instanceNames(), ...each.instanceNames('tenant')]);
    assert.equal(new Set(names).size, 60);
    const all = await client.instances.list({ allProjects: true, recursion: 2 });
    assert.equal(all.length, host.instances());
    assert.ok(
      all.some(({ status }) => status === 'Running') && all.some(({ status }) => status === 'Stopped'),
    );
  });

  it('make the same instances of the same seed', async () => {
    const twice = [];
    for (const seed of [7, 7, 8]) {
      await using other = await startSimulatedHosts({ count: 1, instancesPerHost: 5, seed });
      twice.push(JSON.stringify(other.hosts[0]?.instanceNames()));
    }
    assert.equal(twice[0], twice[1]);
    assert.notEqual(twice[0], twice[2]);
  });

  it('tell of changes made behind our back', async () => {
    const connected = Promise.withResolvers<void>();
    const told: string[] = [];
    const enough = Promise.withResolvers<void>();
    const onEvent = (event: LxdEvent) => {
      if (event.type === 'lifecycle') told.push(event.metadata.action);
      if (told.at(-1) === 'instance-deleted') enough.resolve();
    };
    const stream = client.events({ types: ['lifecycle'], onConnect: connected.resolve, onEvent });
    await connected.promise;
    host.createBehind('behind');
    host.changeBehind('behind', { status: 'Running' });
    host.changeBehind('behind', { config: { 'user.who': 'somebody' }, description: 'not ours' });
    const { value } = await client.instances.get('behind');
    assert.deepEqual(
      [value.status, value.config['user.who'], value.description],
      ['Running', 'somebody', 'not ours'],
    );
    host.changeBehind('behind', { status: 'Stopped' });
    host.deleteBehind('behind');
    await enough.promise;
    await stream.close();
    assert.deepEqual(
      told.map((action) => action.replace('instance-', '')),
      ['created', 'started', 'updated', 'shutdown', 'deleted'],
    );
  });

  it('misbehave as told, and behave again', async () => {
    const other = fleet.hosts[1];
    assert.ok(other);
    const patient = clientOf(other);
    const ask = (timeoutMs = patienceMs) => patient.instances.list({ timeoutMs });
    try {
      other.fail({ status: 503, rate: 1 });
      await refused(ask(), 'server-error', /simulated failure/);
      other.fail('garbage');
      await refused(ask(), 'bad-reply');
      other.fail('reset');
      await refused(ask(), 'unreachable');
      other.fail('hang');
      await refused(ask(500), 'timeout');
      other.fail('huge');
      await refused(ask(), 'too-large');
      other.fail(null);
      other.setLatency(5000);
      await refused(ask(500), 'timeout');
      other.setLatency(0);
      assert.ok((await ask()).length > 0);
      assert.ok((other.requests()['GET /1.0/instances'] ?? 0) >= 1);
    } finally {
      await patient.close();
    }
  });

  it('lose their event streams: silent with the cable cut, at once when the daemon dies', async () => {
    const other = fleet.hosts[1];
    assert.ok(other);
    const lonely = clientOf(other);
    const connects: (() => void)[] = [];
    const losses: string[] = [];
    let wake = Promise.withResolvers<void>();
    const news = () => {
      wake.resolve();
      wake = Promise.withResolvers();
    };
    lonely.events({
      silenceMs: 300,
      backoffMs: { first: 10, longest: 50 },
      onConnect: () => {
        connects.push(news);
        news();
      },
      onDisconnect: ({ code }) => {
        losses.push(code);
        news();
      },
    });
    try {
      while (connects.length === 0) await wake.promise;
      other.silenceEvents(true);
      while (losses.length === 0) await wake.promise;
      other.silenceEvents(false);
      const before = connects.length;
      while (connects.length === before) await wake.promise;
      const lost = losses.length;
      await other.stop();
      while (losses.length === lost) await wake.promise;
      await refused(lonely.server.get(), 'unreachable');
      const again = connects.length;
      await other.start();
      while (connects.length === again) await wake.promise;
      assert.equal((await lonely.server.get()).auth, 'trusted');
    } finally {
      await lonely.close();
    }
  });

  it('can show another certificate, which a pinned client refuses', async () => {
    const other = fleet.hosts[2];
    assert.ok(other);
    const pinned = clientOf(other);
    await pinned.server.get();
    const { url, fingerprint } = other;
    await other.renewCertificate();
    assert.equal(other.url, url);
    assert.notEqual(other.fingerprint, fingerprint);
    await refused(pinned.server.get(), 'fingerprint-mismatch');
    await pinned.close();
  });

  it('answer on a unix socket too, where everybody is trusted', async (t) => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/sim-');
    t.after(() => rm(folder, { recursive: true }));
    await using local = await startSimulatedHosts({ count: 1, instancesPerHost: 1, socketFolder: folder });
    const path = local.hosts[0]?.socketPath ?? '';
    const admin = createLxdClient({ kind: 'unix', path });
    assert.equal((await admin.server.get()).auth, 'trusted');
    await admin.close();
  });

  it('run in a process of their own and change at a rate', async () => {
    await using process = await startSimulationProcess({ hosts: 3, instancesPerHost: 4 });
    const [first] = process.hosts;
    assert.ok(first);
    const stranger = createLxdClient({
      kind: 'https',
      url: first.url,
      fingerprint: first.fingerprint,
      clientCertificate,
    });
    await stranger.certificates.add({ trustToken: first.token });
    assert.equal((await stranger.instances.list()).length, 4);
    await process.startChanges({ perSecond: 100, seconds: 0.2 });
    let made = await process.changes();
    const ended = async () => {
      made = await process.changes();
      return !made.running;
    };
    await waitUntil('the changes to end', ended, { timeoutMs: patienceMs });
    assert.equal(made.changes.length, 20);
    const onFirst = made.changes.filter(({ host: name }) => name === first.name).at(-1);
    assert.ok(onFirst);
    const { value } = await stranger.instances.get(onFirst.instance);
    assert.equal(value.config['user.change'], onFirst.value);
    await process.setHost(first.name, { fault: 'garbage' });
    await refused(stranger.instances.list(), 'bad-reply');
    assert.equal((await process.stats()).instances, 12);
    await stranger.close();
  });
});
