import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LxdEvent } from '@longshore/lxd';
import { foreignChange } from './foreign-change.ts';

const OURS = 'a'.repeat(64);
const host = { id: 'id', name: 'h1', url: 'https://10.0.0.2:8443' };

function event(
  action: string,
  requestor: Readonly<Record<'username' | 'protocol' | 'address', string>> | null,
): LxdEvent {
  return {
    type: 'lifecycle',
    timestamp: '2026-11-30T12:00:00Z',
    location: '',
    project: 'default',
    metadata: { action, source: '/1.0/instances/web?project=lab', requestor },
  };
}

describe('a change on a host', () => {
  const theirs = { username: 'b'.repeat(64), protocol: 'tls', address: '10.0.0.9:1234' };
  const root = { username: 'root', protocol: 'unix', address: '@' };

  it('is foreign when somebody else asked the host for it', () => {
    assert.deepEqual(foreignChange(event('instance-stopped', theirs), host, OURS), {
      hostId: 'id',
      hostName: 'h1',
      action: 'instance-stopped',
      instance: { lxdProject: 'lab', name: 'web' },
      source: '/1.0/instances/web?project=lab',
      requestor: theirs,
    });
    assert.equal(foreignChange(event('instance-exec', root), host, OURS)?.requestor.username, 'root');
  });

  it('is not when we did, the host did, nobody can tell, or nothing was changed', () => {
    assert.equal(
      foreignChange(event('instance-stopped', { ...theirs, username: OURS.toUpperCase() }), host, OURS),
      null,
    );
    assert.equal(foreignChange(event('instance-shutdown', null), host, OURS), null);
    assert.equal(
      foreignChange(event('instance-stopped', root), { ...host, url: 'unix:/run/lxd' }, OURS),
      null,
    );
    assert.equal(foreignChange(event('instance-metadata-retrieved', theirs), host, OURS), null);
  });
});
