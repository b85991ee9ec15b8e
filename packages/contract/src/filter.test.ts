import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseFilter } from './filter.ts';
import { LongshoreError } from './problem.ts';

const fields = ['host', 'status', 'label', 'address'];
const isBadFilter = (error: unknown) => error instanceof LongshoreError && error.code === 'bad-filter';

describe('a filter', () => {
  it('is terms with fields, negation and bare words', () => {
    assert.deepEqual(parseFilter('host:a -status:running,frozen  web*', fields), [
      { field: 'host', value: 'a', negated: false },
      { field: 'status', value: 'running,frozen', negated: true },
      { field: null, value: 'web*', negated: false },
    ]);
    assert.deepEqual(parseFilter('  ', fields), []);
  });

  it('keeps colons of a value and takes quoted ones as they are', () => {
    assert.deepEqual(parseFilter('address:fd00::1', fields), [
      { field: 'address', value: 'fd00::1', negated: false },
    ]);
    assert.deepEqual(parseFilter(String.raw`label:"a \"b\" \\ c"`, fields), [
      { field: 'label', value: String.raw`a "b" \ c`, negated: false },
    ]);
  });

  it('is refused with the place and what would be right', () => {
    assert.throws(
      () => parseFilter('host:a colour:red', fields),
      (error) => {
        assert.ok(error instanceof LongshoreError && error.code === 'bad-filter');
        assert.match(error.message, /"colour".*character 8/);
        assert.match(error.hint ?? '', /host, status/);
        return true;
      },
    );
    for (const text of ['host:', '-', 'host:"', 'host:""', 'a '.repeat(33)]) {
      assert.throws(() => parseFilter(text, fields), isBadFilter, text);
    }
  });

  it('is read or refused as bad-filter, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          parseFilter(text, fields);
        } catch (error) {
          assert.ok(isBadFilter(error));
        }
      }),
    );
  });
});
