import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UseSample } from '@longshore/contract';
import { SHOWN_MS, withSample } from './use-samples.ts';

const sample = (ms: number): UseSample => ({
  at: new Date(ms).toISOString(),
  processes: 1,
  cpuSeconds: 0,
  cpuPercent: null,
  memoryBytes: 0,
  memoryTotalBytes: null,
  swapBytes: 0,
  disks: [],
  networks: [],
});

describe('the live use of an instance', () => {
  it('keeps each sample once, and forgets what is too old to be shown', () => {
    let samples = withSample([], sample(0));
    samples = withSample(samples, sample(0));
    samples = withSample(samples, null);
    assert.equal(samples.length, 1);
    samples = withSample(samples, sample(SHOWN_MS));
    assert.equal(samples.length, 2);
    assert.deepEqual(
      withSample(samples, sample(SHOWN_MS + 1)).map(({ at }) => Date.parse(at)),
      [SHOWN_MS, SHOWN_MS + 1],
    );
  });
});
