import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliError } from '../cli-error.ts';
import { instanceHandle, pick } from './find-instances.ts';

const idOf = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

function row(digit: number, hostName: string, name: string) {
  return { id: idOf(digit), hostName, name };
}

const rows = [row(1, 'a', 'web'), row(2, 'b', 'web'), row(3, 'b', 'db')];

describe('the name of an instance', () => {
  it('is enough by itself where it is the only one', () => {
    assert.equal(pick('db', rows).id, idOf(3));
  });

  it('is ambiguous on two hosts, and the error lists what it could mean', () => {
    assert.throws(
      () => pick('web', rows),
      (error: unknown) =>
        error instanceof CliError &&
        error.code === 'ambiguous' &&
        error.message.includes(`a/web  ${idOf(1)}`) &&
        error.message.includes(`b/web  ${idOf(2)}`),
    );
  });

  it('can be HOST/NAME or the identifier', () => {
    assert.equal(pick('b/web', rows).id, idOf(2));
    assert.equal(pick(idOf(1).toUpperCase(), rows).id, idOf(1));
  });

  it('is not found in part, in another case or on another host', () => {
    for (const name of ['we', 'WEB', 'c/web', idOf(7)]) {
      assert.throws(
        () => pick(name, rows),
        (error: unknown) => error instanceof CliError && error.code === 'not-found',
      );
    }
  });

  it('is printed so that it can be given back', () => {
    assert.deepEqual(rows.map(instanceHandle(rows)), ['a/web', 'b/web', 'db']);
  });
});
