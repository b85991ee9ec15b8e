import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Operation } from '@longshore/contract';
import { againOf } from './again.ts';

const operation = (over: Partial<Operation>): Operation => ({
  id: 'o',
  action: 'instance.power',
  target: { kind: 'instance', id: 'i', name: 'web1' },
  hostId: 'h',
  parentId: null,
  status: 'failed',
  progressPercent: null,
  steps: [],
  attempts: 1,
  failure: null,
  result: null,
  requestedBy: 'somebody',
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  endedAt: null,
  items: null,
  ...over,
});
const step = (name: string) => ({ name, status: 'failed', startedAt: '', endedAt: null }) as const;

describe('asking again for what has failed', () => {
  it('sends again what the operation tells whole, and leads to the form of the rest', () => {
    assert.deepEqual(againOf(operation({ steps: [step('stop')] })), {
      how: 'power',
      id: 'i',
      body: { action: 'stop' },
    });
    assert.deepEqual(againOf(operation({ action: 'instance.export' })), { how: 'export', id: 'i' });
    assert.deepEqual(againOf(operation({ action: 'instance.move' })), {
      how: 'form',
      path: '/instances/i?tab=danger',
    });
    assert.equal(againOf(operation({}))?.how, 'form', 'which power it was is not known');
  });

  it('does not offer it for what goes on or went well', () => {
    for (const status of ['queued', 'running', 'cancelling', 'succeeded'] as const)
      assert.equal(againOf(operation({ status })), null);
  });
});
