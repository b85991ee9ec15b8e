import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { fieldErrors } from './field-errors.ts';

describe('errors at their field', () => {
  it('finds the field, whole or in part, and keeps what belongs to none', () => {
    const fields = [
      { path: 'body.limits.cpu', message: 'a number' },
      { path: 'name', message: 'too long' },
    ];
    const errors = fieldErrors(new LongshoreError('bad-request', 'no', { fields }));
    assert.deepEqual(
      [errors.at('limits'), errors.at('name'), errors.at('type'), errors.rest],
      ['a number', 'too long', undefined, null],
    );
    assert.equal(
      fieldErrors(new LongshoreError('name-taken', 'Taken.', { hint: 'Another.' })).rest,
      'Taken. Another.',
    );
    assert.equal(fieldErrors(null).rest, null);
  });
});
