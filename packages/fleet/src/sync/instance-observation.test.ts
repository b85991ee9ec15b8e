import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceFull } from '@longshore/lxd';
import { databaseJson, momentOf, observe } from './instance-observation.ts';

function full(patch: Partial<InstanceFull> = {}): InstanceFull {
  return {
    name: 'web',
    type: 'container',
    status: 'Running',
    status_code: 103,
    project: 'default',
    location: 'none',
    created_at: '2026-01-02T03:04:05.123456789Z',
    last_used_at: '1970-01-01T00:00:00Z',
    expanded_config: {},
    expanded_devices: {},
    architecture: 'x86_64',
    config: {},
    devices: {},
    ephemeral: false,
    profiles: ['default'],
    stateful: false,
    description: '',
    state: null,
    snapshots: [],
    backups: [],
    ...patch,
  };
}

function stateWith(network: NonNullable<InstanceFull['state']>['network']): InstanceFull['state'] {
  return { status: 'Running', status_code: 103, pid: 1, processes: 1, cpu: { usage: 0 }, disk: {}, network };
}

function nic(...addresses: { family: string; address: string; scope: string }[]) {
  return {
    addresses: addresses.map((one) => ({ ...one, netmask: '64' })),
    hwaddr: '',
    host_name: '',
    mtu: 1500,
    state: 'up',
    type: 'broadcast',
  };
}

describe('observing an instance', () => {
  it('keeps what is its own and leaves volatile keys to the host', () => {
    const seen = observe(
      full({ config: { 'limits.cpu': '2', 'volatile.uuid': '0E984BEC-0000-4000-8000-000000000001' } }),
    );
    assert.deepEqual(seen.config, { 'limits.cpu': '2' });
    assert.equal(seen.host_uuid, '0e984bec-0000-4000-8000-000000000001');
    assert.equal(seen.created_at, '2026-01-02T03:04:05.123Z');
    assert.equal(seen.last_used_at, null);
  });

  it('believes no address that is none, and lists addresses in one order', () => {
    const good = [
      { family: 'inet6', address: '2001:db8::2', scope: 'global' },
      { family: 'inet', address: '10.0.0.2', scope: 'global' },
    ];
    const bad = [
      { family: 'inet', address: '10.0.0.2; drop', scope: 'global' },
      { family: 'inet', address: '2001:db8::3', scope: 'global' },
      { family: 'inet', address: '127.0.0.1', scope: 'local' },
    ];
    const one = observe(full({ state: stateWith({ eth1: nic(...good), eth0: nic(...bad) }) }));
    const two = observe(full({ state: stateWith({ eth0: nic(...bad), eth1: nic(...good.toReversed()) }) }));
    assert.deepEqual(
      one.addresses.map(({ address }) => address),
      ['10.0.0.2', '2001:db8::2'],
    );
    assert.deepEqual(one.addresses, two.addresses);
  });

  it('refuses what the inventory cannot hold', () => {
    assert.throws(() => observe(full({ type: 'unikernel' })), { name: 'UnusableInstance' });
    assert.throws(() => observe(full({ config: { 'user.big': 'x'.repeat(5_000_000) } })), {
      name: 'UnusableInstance',
    });
  });

  it('makes JSON that PostgreSQL takes, whatever a host sends', () => {
    const text = databaseJson({ 'a\0': ['b\0', '\ud800', { c: 'plain \\u0000 text' }] });
    assert.deepEqual(JSON.parse(text), { 'a\ufffd': ['b\ufffd', '\ufffd', { c: 'plain \\u0000 text' }] });
  });

  it('takes zero times and no times for never', () => {
    for (const text of [
      '0001-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
      '',
      'soon',
      '+275000-01-01T00:00:00Z',
    ]) {
      assert.equal(momentOf(text), null, text);
    }
  });
});
