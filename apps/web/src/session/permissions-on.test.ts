import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MyAccess } from '@longshore/contract';
import { permissionsOn } from './permissions-on.ts';

const access: MyAccess = {
  permissions: ['images:read'],
  parts: [
    { kind: 'project', id: 'p', name: 'lab', permissions: ['instances:read'] },
    { kind: 'host', id: 'h', name: 'a', permissions: ['instances:operate'] },
    { kind: 'label', id: 'team=web=1', name: 'team=web=1', permissions: ['instances:write'] },
  ],
};

describe('what is permitted at a place', () => {
  it('is what the fleet, the project, the host and the labels give together', () => {
    const place = { projectId: 'p', hostId: 'h', labels: { team: 'web=1' } };
    assert.deepEqual([...permissionsOn(access, place)].sort(), [
      'images:read',
      'instances:operate',
      'instances:read',
      'instances:write',
    ]);
  });

  it('is no more than the fleet gives where nothing else fits', () => {
    const place = { projectId: null, hostId: 'other', labels: { team: 'web' } };
    assert.equal(permissionsOn(access, place), access.permissions);
  });
});
