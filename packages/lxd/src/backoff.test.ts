import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextWaitMs, STABLE_MS } from './backoff.ts';

const limits = { first: 250, longest: 1500 };

/** Waits after connections that held this long each. */
function waits(...heldMs: readonly number[]): number[] {
  let previous: number | undefined;
  return heldMs.map((held) => {
    previous = nextWaitMs(previous, held, limits);
    return previous;
  });
}

describe('waiting between attempts', () => {
  it('doubles up to the longest while nothing connects, and for a host that accepts and drops at once', () => {
    assert.deepEqual(waits(0, 0, 0, 0, 0), [250, 500, 1000, 1500, 1500]);
    assert.deepEqual(waits(5, 5, 5, 5, 5), [250, 500, 1000, 1500, 1500]);
  });

  it('begins anew after a connection that held', () => {
    assert.deepEqual(waits(0, 0, STABLE_MS + 1, 0), [250, 500, 250, 500]);
  });
});
