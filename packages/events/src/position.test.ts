import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePositions, formatPosition, parsePosition } from './position.ts';

describe('a position in the stream', () => {
  it('is read back as it was written, beyond 2^53', () => {
    const position = { txid: 2n ** 60n, seq: 2n ** 62n };
    assert.deepEqual(parsePosition(formatPosition(position)), position);
  });

  it('is nothing else than two numbers of the right size', () => {
    for (const text of [
      '',
      '1',
      '1-',
      '-1-2',
      '1-2-3',
      '1-x',
      ' 1-2',
      '99999999999999999999-1',
      '1-9999999999999999999',
    ]) {
      assert.equal(parsePosition(text), null, text);
    }
  });

  it('is ordered by transaction first', () => {
    assert.ok(comparePositions({ txid: 1n, seq: 9n }, { txid: 2n, seq: 1n }) < 0);
    assert.ok(comparePositions({ txid: 2n, seq: 9n }, { txid: 2n, seq: 1n }) > 0);
  });
});
