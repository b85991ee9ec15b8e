import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFilter } from '@longshore/contract';
import { chipsOf, hasTerm, termOf, toggleTerm, withoutChip } from './filter-chips.ts';

describe('filter chips', () => {
  it('shows each term once, quoted ones whole, and unfinished ones too', () => {
    const texts = (filter: string) => chipsOf(filter).map((chip) => chip.text);
    assert.deepEqual(texts('status:running  -image:"Debian 13" web'), [
      'status:running',
      '-image:"Debian 13"',
      'web',
    ]);
    assert.deepEqual(texts('name:"half a'), ['name:"half a']);
  });

  it('takes one term away and leaves the others as they were', () => {
    const filter = 'status:running host:a web';
    const [, host] = chipsOf(filter);
    assert.ok(host);
    assert.equal(withoutChip(filter, host), 'status:running web');
  });

  it('toggles, replacing another value of the same field', () => {
    assert.equal(toggleTerm('web status:running', 'status:stopped'), 'web status:stopped');
    assert.equal(toggleTerm('web status:stopped', 'status:stopped'), 'web');
    assert.equal(toggleTerm('label:a=1', 'label:b=2'), 'label:a=1 label:b=2');
    assert.equal(hasTerm('web status:stopped', 'status:stopped'), true);
  });

  it('writes values so that they are read back', () => {
    for (const value of ['plain', 'with space', 'a "quote" and \\ stroke'])
      assert.equal(parseFilter(termOf('image', value), ['image'])[0]?.value, value);
  });
});
