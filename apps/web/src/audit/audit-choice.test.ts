import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditSearch, timesOf } from './audit-choice.ts';

describe('what part of the audit log an address asks for', () => {
  it('is read from it, and what makes no sense is left out', () => {
    assert.deepEqual(auditSearch({ filter: 'who:ada', from: '2026-11-01', until: 'never', selected: 12 }), {
      filter: 'who:ada',
      from: '2026-11-01',
      selected: '12',
    });
    assert.deepEqual(auditSearch({ from: '2026-13-40', until: { $ne: 1 }, filter: '' }), {});
  });

  it('has whole days, in the time of the reader', () => {
    const { from, until } = timesOf({ from: '2026-11-30', until: '2026-11-30' });
    assert.equal(Date.parse(until ?? '') - Date.parse(from ?? ''), 86_400_000 - 1);
    assert.equal(new Date(from ?? '').getHours(), 0);
    assert.deepEqual(timesOf({}), {});
  });
});
