import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PERMISSIONS, scopesPermit } from './permissions.ts';

describe('scopes', () => {
  it('cover what they name, a room, or all, and nothing else', () => {
    const covered = (scopes: readonly string[]) => PERMISSIONS.filter((each) => scopesPermit(scopes, each));
    assert.deepEqual(covered(['*']), PERMISSIONS);
    assert.deepEqual(covered(['instances:*']), [
      'instances:read',
      'instances:operate',
      'instances:write',
      'instances:delete',
    ]);
    assert.deepEqual(covered(['hosts:read', 'tokens:write']), ['hosts:read', 'tokens:write']);
    assert.deepEqual(covered([]), []);
    assert.deepEqual(covered(['instances', ':*', '*:*', 'hosts:']), []);
  });
});
