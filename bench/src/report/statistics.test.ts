import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statisticsOf } from './statistics.ts';

describe('the statistics of a bench', () => {
  it('take median and percentiles by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.deepEqual(statisticsOf(values), { n: 100, median: 50, p95: 95, p99: 99, min: 1, max: 100 });
  });

  it('refuse to report where nothing was measured', () => {
    assert.throws(() => statisticsOf([]), /measured nothing/);
  });
});
