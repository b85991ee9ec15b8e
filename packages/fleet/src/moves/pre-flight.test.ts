import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configForCopy, configForMove } from './portable-config.ts';
import { preFlight, type TargetFacts, type Traveller } from './pre-flight.ts';

const root = { type: 'disk', path: '/', pool: 'fast' };

const instance: Traveller = {
  name: 'web1',
  type: 'container',
  architecture: 'x86_64',
  lxdProject: 'default',
  profiles: ['default'],
  devices: {},
  expandedDevices: { root },
  diskUsedBytes: 10 * 1024 ** 2,
};

const target: TargetFacts = {
  hostName: 'b',
  architectures: ['x86_64', 'i686'],
  driver: 'lxc',
  projects: ['default'],
  profiles: [{ name: 'default', devices: { root } }],
  networks: ['br0'],
  pools: [{ name: 'fast', freeBytes: 1024 ** 3 }],
  nameTaken: false,
};

describe('pre-flight of a move', () => {
  it('leaves devices alone where the profiles of the target give the same root disk', () => {
    assert.deepEqual(preFlight(instance, target), { possible: true, devices: {}, remarks: [] });
  });

  it('puts the root disk into the pool of the default profile where the named one is not there, and says so', () => {
    const own = { root: { ...root, pool: 'gone', size: '5GiB' } };
    const result = preFlight({ ...instance, devices: own, expandedDevices: own }, target);
    assert.ok(result.possible);
    assert.deepEqual(result.devices, { root: { ...root, size: '5GiB' } });
    assert.match(result.remarks.join(), /goes to pool fast: there is no pool gone/);
  });

  it('writes the root disk into the instance where the profiles of the target have none', () => {
    const bare = { ...target, profiles: [{ name: 'default', devices: {} }] };
    const result = preFlight(instance, bare);
    assert.deepEqual(result, { possible: true, devices: { root }, remarks: [] });
  });

  it('lists all reasons at once', () => {
    const result = preFlight(
      {
        ...instance,
        type: 'virtual-machine',
        architecture: 'aarch64',
        profiles: ['default', 'gpu'],
        devices: {
          gpu0: { type: 'gpu' },
          data: { type: 'disk', path: '/srv', source: 'vol1', pool: 'fast' },
          eth5: { type: 'nic', nictype: 'bridged', parent: 'br9' },
        },
        diskUsedBytes: 2 * 1024 ** 3,
      },
      { ...target, nameTaken: true },
    );
    assert.ok(!result.possible);
    for (const part of [
      /aarch64/,
      /virtual machines/,
      /already has an instance named web1/,
      /no profile gpu/,
      /gpu0 is hardware/,
      /volume vol1/,
      /no network br9/,
      /1024 MiB free/,
    ]) {
      assert.ok(
        result.reasons.some((reason) => part.test(reason)),
        `${part} in ${result.reasons.join('; ')}`,
      );
    }
  });

  it('says that the project is missing', () => {
    const result = preFlight({ ...instance, lxdProject: 'tenant' }, target);
    assert.ok(!result.possible);
    assert.match(result.reasons.join(), /no LXD project tenant/);
  });
});

describe('configuration that travels', () => {
  const config = {
    'limits.cpu': '2',
    'user.longshore.id': 'x',
    'user.longshore.move': 'y',
    'volatile.uuid': 'u',
    'volatile.eth0.hwaddr': '00:16:3e:00:00:01',
    'volatile.eth0.host_name': 'veth1',
    'volatile.last_state.power': 'RUNNING',
    'volatile.idmap.current': '[]',
    'volatile.base_image': 'f',
  };

  it('keeps the identity in a move, but nothing of the old host and no marks', () => {
    assert.deepEqual(configForMove(config), {
      'limits.cpu': '2',
      'volatile.uuid': 'u',
      'volatile.eth0.hwaddr': '00:16:3e:00:00:01',
      'volatile.base_image': 'f',
    });
  });

  it('leaves the identity out of a copy', () => {
    assert.deepEqual(configForCopy(config), { 'limits.cpu': '2', 'volatile.base_image': 'f' });
  });
});
