import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGuessLimit } from './guess-limit.ts';

describe('guesses of tickets', () => {
  it('10,000 of one address are held back after 30, for a minute, and no other address is', () => {
    let now = 0;
    const limit = createGuessLimit(() => now);
    let looked = 0;
    let worthAnEntry = 0;
    for (let guess = 0; guess < 10_000; guess += 1) {
      const entered = limit.enter('bad');
      if (entered === null) continue;
      looked += 1;
      if (limit.wrong('bad')) worthAnEntry += 1;
      entered.done();
    }
    assert.deepEqual([looked, worthAnEntry], [30, 30]);
    assert.ok(limit.enter('good'));
    now = 60_000;
    assert.ok(limit.enter('bad'));
  });

  it('connections that show nothing are limited as well, and counted down when they go', () => {
    const limit = createGuessLimit(() => 0);
    const entered = Array.from({ length: 50 }, () => limit.enter('a'));
    assert.ok(entered.every((each) => each !== null));
    assert.equal(limit.enter('a'), null);
    entered[0]?.done();
    entered[0]?.done();
    assert.ok(limit.enter('a'));
    assert.equal(limit.enter('a'), null);
  });
});
