import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceCreation, LongshoreError } from '@longshore/contract';
import { editOf } from './configure-instance.ts';
import { configOf, withRootSize } from './creation-config.ts';

const root = { type: 'disk', path: '/', pool: 'default' };

function seen(more: Partial<Parameters<typeof editOf>[0]> = {}): Parameters<typeof editOf>[0] {
  return {
    name: 'web1',
    type: 'container',
    status: 'Running',
    status_code: 103,
    project: 'default',
    location: '',
    created_at: '',
    last_used_at: '',
    architecture: 'x86_64',
    config: { 'limits.cpu': '1', 'user.a': 'a', 'volatile.uuid': 'u' },
    devices: {},
    expanded_config: {},
    expanded_devices: { root, eth0: { type: 'nic' } },
    ephemeral: false,
    profiles: ['default'],
    stateful: false,
    description: 'was',
    ...more,
  };
}

describe('a change of configuration', () => {
  it('touches what it names, and nothing else', () => {
    const edit = editOf(seen(), { config: { 'user.a': null, 'user.b': 'b' }, limits: { memory: '1GiB' } });
    assert.deepEqual(edit.config, {
      'limits.cpu': '1',
      'user.b': 'b',
      'limits.memory': '1GiB',
      'volatile.uuid': 'u',
    });
    assert.deepEqual([edit.devices, edit.profiles, edit.description], [{}, ['default'], 'was']);
  });

  it('sizes the root disk of a profile without losing its pool', () => {
    const edit = editOf(seen(), { limits: { disk: '5GiB' } });
    assert.deepEqual(edit.devices, { root: { ...root, size: '5GiB' } });
  });

  it('sets and removes devices', () => {
    const own = { root: { ...root, size: '1GiB' }, old: { type: 'nic' } };
    const edit = editOf(seen({ devices: own }), {
      devices: { old: null, eth1: { type: 'nic' } },
      limits: { disk: '2GiB' },
    });
    assert.deepEqual(edit.devices, { root: { ...root, size: '2GiB' }, eth1: { type: 'nic' } });
  });
});

describe('the configuration of a new instance', () => {
  it('puts cloud-init documents under the keys that the server knows', () => {
    const input = InstanceCreation.parse({
      name: 'web1',
      source: { image: 'bb' },
      limits: { cpu: '2' },
      cloudInit: { userData: 'u', networkConfig: 'n' },
    });
    assert.deepEqual(configOf(input, ['cloud_init']), {
      'limits.cpu': '2',
      'cloud-init.user-data': 'u',
      'cloud-init.network-config': 'n',
    });
    assert.deepEqual(Object.keys(configOf(input, [])), [
      'limits.cpu',
      'user.user-data',
      'user.network-config',
    ]);
  });

  it('has no disk size where there is no root disk', () => {
    assert.throws(
      () => withRootSize({}, { eth0: { type: 'nic' } }, '1GiB'),
      (error) => error instanceof LongshoreError && error.code === 'host-refused',
    );
  });
});
