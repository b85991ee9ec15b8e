import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createUnackedBytes } from './unacked-bytes.ts';

describe('bytes that are not acknowledged', () => {
  it('are there from every position on that was not, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 9000 }), ack: fc.nat(100) }), { maxLength: 40 }),
        (steps) => {
          const kept = createUnackedBytes();
          let all = Buffer.alloc(0);
          let acked = 0;
          for (const { size, ack } of steps) {
            const chunk = randomBytes(size);
            kept.push(chunk);
            all = Buffer.concat([all, chunk]);
            acked = Math.max(acked, Math.floor((all.length * ack) / 100));
            assert.ok(kept.ack(acked));
            for (const position of [acked, Math.ceil((acked + all.length) / 2), all.length]) {
              assert.ok(Buffer.concat(kept.from(position) ?? []).equals(all.subarray(position)));
            }
          }
          assert.equal(kept.size(), all.length - acked);
          assert.ok(all.subarray(-kept.recent().length || all.length).equals(kept.recent()));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are not there before that, nor after the end', () => {
    const kept = createUnackedBytes();
    kept.push(Buffer.alloc(10));
    assert.ok(kept.ack(4));
    assert.equal(kept.from(3), null);
    assert.equal(kept.from(11), null);
    assert.equal(kept.ack(11), false);
  });

  it('keep a screen for those who begin to look along, from the beginning of a line', () => {
    const kept = createUnackedBytes();
    for (let line = 0; line < 2000; line += 1) kept.push(Buffer.from(`line ${line}\n`));
    kept.ack(kept.end());
    const text = kept.recent().toString();
    assert.match(text, /^line \d+\n/);
    assert.match(text, /line 1999\n$/);
    assert.ok(text.length <= 8192);
  });
});
