import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Host } from '@longshore/contract';
import { attentionOf } from './attention.ts';

const host = (name: string, over: Partial<Host> = {}): Host => ({
  id: name,
  name,
  kind: 'lxd',
  url: 'https://10.0.0.1:8443',
  fingerprint: null,
  seenFingerprint: null,
  status: 'online',
  statusReason: null,
  statusSince: '2026-01-01T00:00:00Z',
  maintenance: false,
  labels: {},
  version: '5.0.2',
  architectures: [],
  warnings: [],
  resources: null,
  lxdProjects: [],
  profiles: [],
  networks: [],
  instances: { total: 0, running: 0 },
  observedAt: null,
  createdAt: '2026-01-01T00:00:00Z',
  revision: 1,
  ...over,
});
const old = { code: 'old', severity: 'warning', message: 'old', hint: 'update' } as const;
const hole = { code: 'hole', severity: 'critical', message: 'hole', hint: 'update' } as const;

describe('what needs attention', () => {
  it('names the hosts of a common warning together, the worst first, and leaves out what is only said', () => {
    const found = attentionOf(
      [
        host('a', { warnings: [old, hole, { ...old, code: 'note', severity: 'info', message: 'note' }] }),
        host('b', { warnings: [old, hole] }),
        host('c', { status: 'unreachable', statusReason: 'no answer' }),
        host('d'),
      ],
      (each) => each.status,
    );
    assert.deepEqual(
      found.map(({ message, hint, hosts }) => [message, hint, hosts.map(({ name }) => name).join()]),
      [
        ['unreachable', 'no answer', 'c'],
        ['hole', 'update', 'a,b'],
        ['old', 'update', 'a,b'],
      ],
    );
  });
});
