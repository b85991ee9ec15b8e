import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LxdEvent } from '@longshore/lxd';
import { wantedBy } from './events-to-reads.ts';

function lifecycle(action: string, source: string, project = 'default'): LxdEvent {
  return { type: 'lifecycle', timestamp: '', location: '', project, metadata: { action, source } };
}

describe('what an event makes worth reading', () => {
  it('is the instance that it names, in its project', () => {
    assert.deepEqual(wantedBy(lifecycle('instance-started', '/1.0/instances/web%201?project=shop')), [
      { kind: 'instance', lxdProject: 'shop', name: 'web 1', started: true },
    ]);
    assert.deepEqual(wantedBy(lifecycle('instance-snapshot-created', '/1.0/instances/a/snapshots/s', 'p')), [
      { kind: 'instance', lxdProject: 'p', name: 'a', started: false },
    ]);
  });

  it('is nothing for what changes nothing', () => {
    for (const action of [
      'instance-exec',
      'instance-console',
      'instance-file-pushed',
      'image-retrieved',
      'network-acl-created',
      'storage-volume-created',
    ]) {
      assert.deepEqual(wantedBy(lifecycle(action, '/1.0/instances/a')), [], action);
    }
  });

  it('is the facts of the host for profiles, images, networks, pools and projects', () => {
    for (const action of [
      'profile-created',
      'image-created',
      'image-alias-updated',
      'network-deleted',
      'storage-pool-created',
      'project-created',
      'config-updated',
    ]) {
      assert.deepEqual(wantedBy(lifecycle(action, '/1.0/x')), [{ kind: 'facts' }], action);
    }
  });

  it('survives sources that are no URLs', () => {
    for (const source of ['', '//', '/1.0/instances/', 'http://[', '/1.0/instances/%zz']) {
      assert.ok(Array.isArray(wantedBy(lifecycle('instance-updated', source))), source);
    }
  });
});
