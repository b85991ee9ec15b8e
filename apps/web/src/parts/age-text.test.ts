import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageText, durationText } from './age-text.ts';
import { percentOf, sizeText } from './size-text.ts';

const NOW = Date.parse('2026-06-15T12:00:00Z');

describe('ages, durations and sizes', () => {
  it('tells ages in the largest unit that is still exact enough', () => {
    for (const [moment, text] of [
      [null, 'never'],
      ['2026-06-15T12:00:30Z', 'now'],
      ['2026-06-15T11:59:58Z', 'now'],
      ['2026-06-15T11:59:18Z', '42 s'],
      ['2026-06-15T11:57:00Z', '3 min'],
      ['2026-06-15T07:00:00Z', '5 h'],
      ['2026-06-12T11:00:00Z', '3 d'],
    ] as const)
      assert.equal(ageText(moment, NOW), text);
  });

  it('tells durations, also of what goes on', () => {
    assert.equal(durationText('2026-06-15T11:59:57.500Z', null, NOW), '2.5 s');
    assert.equal(durationText('2026-06-15T11:00:00Z', '2026-06-15T11:03:00Z', NOW), '3 min');
  });

  it('tells sizes', () => {
    assert.deepEqual([512, 1536, 10 * 1024 ** 3].map(sizeText), ['512 B', '1.5 KiB', '10 GiB']);
    assert.deepEqual([percentOf(1, 4), percentOf(1, 0)], [25, 0]);
  });
});
