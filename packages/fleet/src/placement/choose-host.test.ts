import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseHost, type HostCandidate } from './choose-host.ts';
import { bytesOf } from './place-instance.ts';

const gib = 1024 ** 3;

function host(name: string, more: Partial<HostCandidate> = {}): HostCandidate {
  return {
    id: `id-${name}`,
    name,
    status: 'online',
    maintenance: false,
    removing: false,
    labels: {},
    architectures: ['x86_64'],
    driver: 'lxc | qemu',
    freeMemoryBytes: 8 * gib,
    promisedBytes: 0,
    instances: 0,
    ...more,
  };
}

const container = { type: 'container' } as const;

describe('the choice of a host', () => {
  it('takes the most free memory, less what is promised', () => {
    const hosts = [
      host('a', { freeMemoryBytes: 10 * gib, promisedBytes: 6 * gib }),
      host('b', { freeMemoryBytes: 7.5 * gib }),
      host('c'),
    ];
    const choice = chooseHost(hosts, container);
    assert.equal(choice.host?.name, 'c');
    assert.deepEqual('reason' in choice && choice.reason, 'most free memory of 3 hosts: 8.0 GiB');
  });

  it('lets the number of instances decide between hosts that are as good as equally free', () => {
    const hosts = [
      host('a', { freeMemoryBytes: 8.2 * gib, instances: 9 }),
      host('b', { instances: 3 }),
      host('c', { freeMemoryBytes: 1 * gib }),
    ];
    const choice = chooseHost(hosts, container);
    assert.equal(choice.host?.name, 'b');
    assert.equal(
      'reason' in choice && choice.reason,
      'fewest instances (3) of 3 hosts, 2 of them with equal free memory',
    );
  });

  it('takes only hosts that fit, and one that was not read yet last', () => {
    const need = { ...container, labels: { site: 'a' } };
    const hosts = [
      host('a', { labels: { site: 'b' } }),
      host('b', { labels: { site: 'a' }, freeMemoryBytes: null }),
      host('c', { labels: { site: 'a' }, freeMemoryBytes: 1 }),
    ];
    const choice = chooseHost(hosts, need);
    assert.equal(choice.host?.name, 'c');
    const alone = chooseHost([host('a'), host('b', { labels: { site: 'a' } })], need);
    assert.equal('reason' in alone && alone.reason, 'the only host that fits with label site=a');
  });

  it('says of each host why it does not fit', () => {
    const hosts = [
      host('a', { maintenance: true }),
      host('b', { status: 'unreachable' }),
      host('c', { removing: true }),
      host('d', { driver: 'lxc' }),
      host('e', { architectures: ['aarch64'] }),
      host('f'),
    ];
    const choice = chooseHost(hosts, { type: 'virtual-machine', architecture: 'x86_64', exclude: ['id-f'] });
    assert.deepEqual('reasons' in choice && choice.reasons, [
      'a is in maintenance',
      'b is unreachable',
      'c is being removed',
      'd cannot run virtual machines',
      'e is not of architecture x86_64',
      'f is where it is now',
    ]);
  });
});

describe('a size of LXD', () => {
  it('is read in decimal and binary units; a share of the host is none', () => {
    assert.equal(bytesOf('512MiB'), 512 * 1024 ** 2);
    assert.equal(bytesOf('2GB'), 2e9);
    assert.equal(bytesOf('1000'), 1000);
    for (const none of ['50%', 'lots', '', null]) assert.equal(bytesOf(none), undefined);
  });
});
