import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closingLine, sum } from './counts.ts';

describe('the counts of a test run', () => {
  it('add up over suites and close in the form that CI reads', () => {
    const total = sum([
      { passed: 2, failed: 0, skipped: 1 },
      { passed: 3, failed: 1, skipped: 0 },
    ]);
    assert.equal(closingLine(total), '5 passed, 1 failed, 1 skipped');
  });
});
