import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownError } from './problem-reply.ts';

const withCode = (code: string) => Object.assign(new Error('no'), { code });

describe('an error of the database', () => {
  it('is a refusal for now when the database is gone, going, or without space', () => {
    // EPIPE: a statement written to a server that was killed; 53100: disk full; 58030: it could not read or write a file.
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '53100', '58030']) {
      assert.equal(knownError(withCode(code))?.code, 'unavailable', code);
    }
  });

  it('is a defect of ours when the statement is wrong', () => {
    for (const code of ['42601', '23505', 'EACCES']) assert.equal(knownError(withCode(code)), null, code);
  });
});
