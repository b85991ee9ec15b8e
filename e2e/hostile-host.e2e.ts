import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Fault, SimulatedFleet, SimulatedHost, TestHost } from '@longshore/testbed';
import { startSimulatedHosts } from '@longshore/testbed';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

const LIMIT_MS = 120_000;
const MEMORY_LIMIT_BYTES = 400 * 2 ** 20;

const FAULTS: readonly Fault[] = ['garbage', { status: 500, rate: 1 }, 'huge', 'hang', 'reset'];

describe('a real host beside hosts that misbehave', () => {
  let fleet: Fleet;
  let real: TestHost;
  let realInstance: string;
  let simulated: SimulatedFleet;
  const hostIds = new Map<SimulatedHost, string>();
  let peakBytes = 0;
  let sampler: NodeJS.Timeout;

  before(async () => {
    fleet = await openFleet({ name: 'hostil', lxd: 1 });
    const [one] = fleet.testbed.hosts;
    assert.ok(one);
    real = one;
    simulated = await startSimulatedHosts({ count: FAULTS.length + 1, instancesPerHost: 5 });
    await fleet.enrol(real);
    for (const host of simulated.hosts) {
      await fleet.done(
        fleet.client.call('enrolHost', {
          body: {
            name: host.name,
            access: { by: 'token', token: host.token('longshore'), url: host.url },
          },
        }),
      );
      const { value } = await fleet.client.call('listHosts', { query: { filter: `name:${host.name}` } });
      hostIds.set(host, value.items[0]?.id ?? '');
      await untilStatus(host, 'online');
    }
    const image = await real.importImage('busybox');
    realInstance = await fleet.launch('steady', { source: { image }, placement: { host: real.name } });
    sampler = setInterval(() => {
      void fleet.longshore.residentBytes().then((bytes) => {
        peakBytes = Math.max(peakBytes, bytes);
      });
    }, 100);
  });

  after(async () => {
    clearInterval(sampler);
    await fleet?.close();
    await simulated?.close();
  });

  const statusOf = async (host: SimulatedHost) =>
    (await fleet.client.call('getHost', { params: { id: hostIds.get(host) ?? '' } })).value.status;
  const untilStatus = (host: SimulatedHost, status: string) =>
    untilTrue(`${host.name} is ${status}`, async () => (await statusOf(host)) === status, LIMIT_MS);
  const instancesOf = async (host: SimulatedHost) =>
    (await fleet.client.call('listInstances', { query: { filter: `host:${host.name}`, limit: 100 } })).value
      .items;

  /** Operations on the real host end, and what is changed there behind Longshore's back is seen. */
  async function assertRealHostGoesOn(colour: string): Promise<void> {
    const params = { id: realInstance };
    for (const action of ['stop', 'start'] as const) {
      await fleet.done(fleet.client.call('powerInstance', { params, body: { action, force: true } }));
    }
    await real.cli(['config', 'set', 'steady', 'user.colour', colour]);
    await untilTrue(
      `the colour ${colour} is seen`,
      async () => (await fleet.client.call('getInstance', { params })).value.config['user.colour'] === colour,
    );
  }

  it('goes on beside garbage, errors, 100 MB, silence and resets, within its memory', async (t) => {
    const troubled = FAULTS.map((fault, index) => {
      const host = simulated.hosts[index];
      assert.ok(host);
      return { host, fault };
    });
    const before = await Promise.all(troubled.map(({ host }) => instancesOf(host)));
    assert.deepEqual(new Set(before.map(({ length }) => length)), new Set([5]));
    for (const { host, fault } of troubled) {
      host.fail(fault);
      // The event streams are still open: these make the sessions read, and the next is an operation that must fail.
      for (const name of host.instanceNames()) host.changeBehind(name, { config: { 'user.a': 'b' } });
      await fleet.client.call('syncHost', { params: { id: hostIds.get(host) ?? '' }, body: {} });
    }
    await assertRealHostGoesOn('while they are read');
    for (const { host } of troubled) {
      // The connections break, and every attempt to come back meets the fault.
      await host.stop();
      await host.start();
    }
    for (const [round, { host }] of troubled.entries()) {
      await assertRealHostGoesOn(`round ${round}`);
      await untilStatus(host, 'unreachable');
    }
    for (const [index, { host }] of troubled.entries()) {
      assert.deepEqual(
        (await instancesOf(host)).map(({ name, status }) => [name, status]),
        before[index]?.map(({ name, status }) => [name, status]),
        'its instances keep their last observed state',
      );
    }
    const { value: syncs } = await fleet.client.call('listOperations', {
      query: { filter: 'action:host.sync status:succeeded' },
    });
    assert.deepEqual(syncs.items, [], 'no host that misbehaves was read');
    assert.equal((await fetch(`${fleet.longshore.url}/healthz`)).status, 200);
    t.diagnostic(`peak of resident memory: ${Math.round(peakBytes / 2 ** 20)} MiB`);
    assert.ok(peakBytes > 0 && peakBytes < MEMORY_LIMIT_BYTES, `${peakBytes} bytes`);
  });

  it('quarantines a host with another certificate until a person re-pins it', async () => {
    const host = simulated.hosts.at(-1);
    assert.ok(host);
    const id = hostIds.get(host) ?? '';
    await host.renewCertificate();
    await untilStatus(host, 'quarantined');
    assert.ok((await instancesOf(host)).every(({ status }) => status !== 'missing'));
    await assert.rejects(
      fleet.done(fleet.client.call('rePinHost', { params: { id }, body: { fingerprint: '0'.repeat(64) } })),
      { code: 'fingerprint-mismatch' },
    );
    assert.equal(await statusOf(host), 'quarantined');
    await fleet.done(
      fleet.client.call('rePinHost', { params: { id }, body: { fingerprint: host.fingerprint } }),
    );
    await untilStatus(host, 'online');
  });

  it('takes them back when they behave', async () => {
    for (const host of simulated.hosts) {
      host.fail(null);
      // What it has left hanging ends with its connections.
      await host.stop();
      await host.start();
      // A person need not wait for the next attempt of a session that has backed off.
      await fleet.client.call('syncHost', { params: { id: hostIds.get(host) ?? '' }, body: {} });
      await untilStatus(host, 'online');
    }
    await assertRealHostGoesOn('after all');
  });
});
