import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEscapeKeys } from './escape-keys.ts';

/** Feeds a text in pieces, and tells what went through; `!` for leaving. */
function typed(...pieces: readonly string[]): string {
  const keys = createEscapeKeys();
  let through = '';
  for (const piece of pieces) {
    const { bytes, leave } = keys.filter(Buffer.from(piece));
    through += Buffer.from(bytes).toString();
    if (leave) return `${through}!`;
  }
  return through;
}

describe('the way out of a console', () => {
  it('is ~. at the beginning of a line, in whatever pieces it comes', () => {
    assert.equal(typed('~.'), '!');
    assert.equal(typed('ls\r~.x'), 'ls\r!');
    assert.equal(typed('ls\n', '~', '.'), 'ls\n!');
  });

  it('is not in the middle of a line, and everything else goes through', () => {
    assert.equal(typed('cd ~.\r'), 'cd ~.\r');
    assert.equal(typed('~/bin\r'), '~/bin\r');
    assert.equal(typed('~~.\r'), '~.\r');
    assert.equal(typed('grüße ~\r'), 'grüße ~\r');
  });
});
