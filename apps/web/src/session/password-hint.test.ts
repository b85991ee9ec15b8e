import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passwordHint } from './password-hint.ts';

const kind = (password: string) => passwordHint(password, ['ada', 'Ada Lovelace']).kind;

describe('what is said of a password', () => {
  it('counts what is missing', () => {
    assert.deepEqual(passwordHint('12345678', []), { kind: 'too-short', missing: 4 });
    assert.equal(kind('x'.repeat(257)), 'too-long');
  });

  it('warns of what is guessed first', () => {
    assert.equal(kind('aaaaaaaaaaaaa'), 'repeats');
    assert.equal(kind('gh-xyz.gh-xyz.'), 'repeats');
    assert.equal(kind('Password2026!'), 'known');
    assert.equal(kind('ada lovelace'), 'names-you');
  });

  it('is content with length', () => {
    assert.equal(kind('seven tall ox'), 'fair');
    assert.equal(kind('correct horse battery'), 'good');
  });
});
