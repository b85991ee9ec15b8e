import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { latest, nearest, niceTop, pathsOf } from './plot-math.ts';

describe('a plot over time', () => {
  it('has a round top that nothing is above', () => {
    assert.deepEqual(
      [0, 0.3, 7, 21, 100, 101].map((value) => niceTop(value)),
      [1, 0.5, 10, 25, 100, 200],
    );
    assert.equal(niceTop(3 * 1024 ** 2, 1024), 5 * 1024 ** 2);
    assert.equal(niceTop(900, 1024), 1000);
  });

  it('draws no line where nothing was measured', () => {
    const span = { fromMs: 0, toMs: 100 };
    const { line, area } = pathsOf([0, 10, 20, 90, 100], [0, 5, null, 10, 10], 10, span, 30);
    assert.equal(line, 'M0.0 100.0L100.0 50.0M900.0 0.0L1000.0 0.0');
    assert.equal(area.match(/Z/g)?.length, 2);
    assert.equal(pathsOf([0, 50], [1, 1], 10, span, 30).line.match(/M/g)?.length, 2, 'a gap in time');
  });

  it('finds the nearest moment and the last known value', () => {
    assert.equal(nearest([0, 10, 20], 14), 1);
    assert.equal(nearest([], 14), -1);
    assert.equal(latest([1, 2, null]), 2);
    assert.equal(latest([null]), null);
  });
});
