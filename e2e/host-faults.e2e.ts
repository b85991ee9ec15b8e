import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Operation } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { instancesOnHost } from './instances-on-host.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

const LIMIT_MS = 120_000;
/** A move gives up about two minutes after its host fell silent (docs/spec/moves.md, "Patience"), and may end so. */
const MOVE_LIMIT_MS = 200_000;
/** Slow enough that the copy of the small image (about 1 MB) takes several seconds. */
const SLOW_KBIT_PER_SECOND = 800;

describe('hosts that die, freeze, go silent and lose power', () => {
  let fleet: Fleet;
  let hosts: [TestHost, TestHost];
  let image: string;
  const hostIds = new Map<TestHost, string>();
  const ids: Record<string, string> = {};

  before(async () => {
    fleet = await openFleet({ name: 'faults', lxd: 2 });
    const [one, two] = fleet.testbed.hosts;
    assert.ok(one && two);
    hosts = [one, two];
    for (const host of hosts) {
      image = await host.importImage('busybox');
      hostIds.set(host, await fleet.enrol(host));
    }
    ids.a = await fleet.launch('a', { source: { image }, placement: { host: one.name } });
    ids.b = await fleet.launch('b', { source: { image }, placement: { host: two.name } });
  });

  after(() => fleet?.close());

  const hostNow = async (host: TestHost) =>
    (await fleet.client.call('getHost', { params: { id: hostIds.get(host) ?? '' } })).value;
  const instance = async (name: string) =>
    (await fleet.client.call('getInstance', { params: { id: ids[name] ?? '' } })).value;
  const find = async (filter: string) =>
    (await fleet.client.call('listInstances', { query: { filter } })).value.items;
  const untilStatus = (host: TestHost, status: string) =>
    untilTrue(`${host.name} is ${status}`, async () => (await hostNow(host)).status === status, LIMIT_MS);
  const operationNow = async (id: string) =>
    (await fleet.client.call('getOperation', { params: { id } })).value;
  const power = async (name: string, action: 'start' | 'stop') =>
    (
      await fleet.client.call('powerInstance', {
        params: { id: ids[name] ?? '' },
        body: { action, force: true },
      })
    ).value.operation;
  const done = (operation: Operation) => fleet.done(Promise.resolve({ value: { operation } }));

  it('notices a stream that hangs without closing, and sees on return what was changed meanwhile', async () => {
    const [one] = hosts;
    await fleet.launch('doomed', { source: { image }, placement: { host: one.name }, start: false });
    await one.cable('out');
    const cutAt = new Date().toISOString();
    await one.cli(['init', image, 'newcomer']);
    await one.cli(['config', 'set', 'a', 'user.colour', 'blue']);
    await one.cli(['stop', '--force', 'a']);
    await one.cli(['delete', 'doomed']);
    await untilStatus(one, 'unreachable');
    const meanwhile = await instance('a');
    assert.deepEqual([meanwhile.status, meanwhile.host.status], ['running', 'unreachable']);
    assert.ok(meanwhile.observedAt !== null && meanwhile.observedAt <= cutAt, 'it says how old that is');
    await one.cable('in');
    await untilStatus(one, 'online');
    const { status, config } = await instance('a');
    assert.deepEqual([status, config['user.colour']], ['stopped', 'blue']);
    const [newcomer] = await find('name:newcomer');
    assert.deepEqual([newcomer?.status, newcomer?.claimed], ['stopped', false]);
    assert.equal((await find('name:doomed'))[0]?.status, 'missing');
    await done(await power('a', 'start'));
  });

  it('works on one host while the other is frozen, and ends what was asked of that one when it thaws', async () => {
    const [other, frozenHost] = hosts;
    await frozenHost.daemon('freeze');
    const frozen = await power('b', 'stop');
    await done(await power('a', 'stop'));
    await done(await power('a', 'start'));
    assert.equal(
      (await operationNow(frozen.id)).endedAt,
      null,
      'the other host did not wait for the frozen one',
    );
    await untilStatus(frozenHost, 'unreachable');
    assert.equal((await hostNow(other)).status, 'online');
    await frozenHost.daemon('thaw');
    await untilStatus(frozenHost, 'online');
    await done(frozen);
    assert.equal((await instance('b')).status, 'stopped');
    await done(await power('b', 'start'));
  });

  it('notices a killed daemon, and goes on with it when it is back', async () => {
    const [one] = hosts;
    await one.daemon('kill');
    await untilStatus(one, 'unreachable');
    const { status, observedAt } = await instance('a');
    assert.ok(status === 'running' && observedAt !== null, 'the last observed state is kept');
    const stop = await power('a', 'stop');
    await one.daemon('start');
    await untilStatus(one, 'online');
    await done(stop);
    assert.equal((await instance('a')).status, 'stopped');
    await done(await power('a', 'start'));
  });

  /** Cuts the power of one side in the middle of the copy. */
  async function moveThroughPowerCut(name: string, from: TestHost, to: TestHost, victim: TestHost) {
    ids[name] = await fleet.launch(name, { source: { image }, placement: { host: from.name } });
    await from.rate(SLOW_KBIT_PER_SECOND);
    const { value } = await fleet.client.call('moveInstance', {
      params: { id: ids[name] },
      body: { placement: { host: to.name }, force: true },
    });
    await untilTrue(
      'the copy is under way',
      async () => {
        const { steps, endedAt } = await operationNow(value.operation.id);
        return (
          endedAt !== null ||
          steps.some((step) => step.name.startsWith('copy to') && step.status === 'running')
        );
      },
      LIMIT_MS,
    );
    await victim.power('off');
    await victim.power('on');
    if (victim !== from) await from.rate(0);
    await untilTrue(
      'the move has ended',
      async () => (await operationNow(value.operation.id)).endedAt !== null,
      MOVE_LIMIT_MS,
    );
    await untilStatus(victim, 'online');
    await untilTrue(
      `exactly one ${name} runs, where the API says`,
      async () => {
        const owned = await instance(name);
        const real = (
          await Promise.all(
            hosts.map(async (host) =>
              (
                await instancesOnHost(host)
              )
                .filter((one) => one.name === name)
                .map((one) => [host.name, one.status, one.config['user.longshore.move']]),
            ),
          )
        ).flat();
        assert.deepEqual(real, [[owned.host.name, 'Running', undefined]]);
        assert.deepEqual([owned.status, (await find(`name:${name}`)).length], ['running', 1]);
        return true;
      },
      LIMIT_MS,
    );
  }

  it('ends with one running instance when its source loses power in the middle of a move', async () => {
    const [one, two] = hosts;
    await moveThroughPowerCut('from-the-dark', one, two, one);
  });

  it('ends with one running instance when its target loses power in the middle of a move', async () => {
    const [one, two] = hosts;
    await moveThroughPowerCut('into-the-dark', two, one, one);
  });
});
