import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FINAL_OPERATION_STATUSES, type OperationStatus } from '@longshore/contract';
import { queueOf } from './lanes.ts';
import { retryDelayMs } from './retry-policy.ts';
import { type OperationEvent, TRANSITIONS } from './transitions.ts';

const statuses: readonly OperationStatus[] = [
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
];

describe('the states of an operation', () => {
  it('have no way out of an end (S1)', () => {
    for (const status of FINAL_OPERATION_STATUSES) {
      assert.deepEqual(new Set(Object.values(TRANSITIONS[status])), new Set([null]));
    }
  });

  it('lead to an end from everywhere, and never back from a cancel to work (S1, S6)', () => {
    for (const start of statuses) {
      const reached = new Set<OperationStatus>([start]);
      for (const status of reached) {
        for (const next of Object.values(TRANSITIONS[status])) if (next !== null) reached.add(next);
      }
      assert.ok(
        FINAL_OPERATION_STATUSES.some((end) => reached.has(end)),
        start,
      );
    }
    const events: readonly OperationEvent[] = [
      'begin',
      'retry',
      'succeed',
      'fail',
      'stop',
      'withdraw',
      'cancel',
    ];
    for (const event of events) {
      const next = TRANSITIONS.cancelling[event];
      assert.ok(next !== 'running' && next !== 'queued', event);
    }
  });
});

describe('retries', () => {
  it('go on for a quarter of an hour after what may pass, and not at all after what cannot (S5)', () => {
    let total = 0;
    let failures = 0;
    for (;;) {
      const delayMs = retryDelayMs('host-unreachable', failures, 'instance.create');
      if (delayMs === undefined) break;
      total += delayMs;
      failures += 1;
    }
    assert.equal(failures, 10);
    assert.ok(total > 14 * 60_000 && total < 16 * 60_000);
    for (const code of ['host-refused', 'name-taken', 'not-found', 'cancelled'] as const) {
      assert.equal(retryDelayMs(code, 0, 'instance.create'), undefined);
    }
  });
});

describe('lanes', () => {
  it('keep what shares one in order, and hosts and paces apart', () => {
    const lane = 'a27ea1c2-8bb6-4a8a-b4b4-2b8a8ef4f1f0';
    assert.equal(queueOf('instance.delete', 'h1', lane), queueOf('instance.rename', 'h1', lane));
    assert.notEqual(queueOf('instance.delete', 'h1', lane), queueOf('instance.delete', 'h2', lane));
    assert.notEqual(queueOf('instance.export', 'h1', lane), queueOf('instance.delete', 'h1', lane));
    assert.equal(queueOf('host.enrol', null, lane), null);
    const queues = new Set(
      Array.from({ length: 100 }, (_, n) => queueOf('instance.create', 'h1', `lane ${n}`)),
    );
    assert.equal(queues.size, 4);
  });
});
