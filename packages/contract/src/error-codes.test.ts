import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ERROR_CODES, errorCodes } from './error-codes.ts';

describe('the page of errors', () => {
  it('has every code of the contract, with its status, and no other', async () => {
    const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^### `([a-z-]+)` \((\d{3})\)\n\n\S/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    assert.deepEqual(
      documented.toSorted(),
      errorCodes.map((code) => `${code} ${ERROR_CODES[code].status}`).toSorted(),
    );
  });
});
