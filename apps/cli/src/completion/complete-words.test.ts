import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { buildProgram } from '../program.ts';
import { completeWords, type Kind } from './complete-words.ts';

const program = buildProgram({
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  now: () => new Date(),
  interrupt: new AbortController(),
});
const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  instance: ['web1', 'a/web2', 'db1', '$(reboot)', 'web 3', 'web;4'],
  host: ['alpha', 'beta'],
  image: ['debian/13'],
  operation: ['op'],
  token: ['ci'],
  context: ['work'],
};

async function complete(...words: string[]): Promise<string[]> {
  const found = await completeWords(program, words, async (kind) => NAMES[kind]);
  return found.map(({ value }) => value);
}

describe('completion', () => {
  it('offers commands and their verbs', async () => {
    assert.deepEqual(await complete('hos'), ['host']);
    assert.deepEqual(await complete('host', 'r'), ['re-pin', 'remove']);
    assert.ok((await complete('')).includes('launch'));
    assert.ok(!(await complete('')).includes('__complete'));
  });

  it('offers options, also global ones', async () => {
    assert.deepEqual(await complete('list', '--no'), ['--no-header']);
    assert.deepEqual(await complete('list', '--cont'), ['--context']);
  });

  it('offers names of the kind that the place takes', async () => {
    assert.deepEqual(await complete('stop', 'w'), ['web1']);
    assert.deepEqual(await complete('stop', 'web1', 'd'), ['db1']);
    assert.deepEqual(await complete('host', 'show', ''), ['alpha', 'beta']);
    assert.deepEqual(await complete('move', 'web1', '--host', 'b'), ['beta']);
    assert.deepEqual(await complete('launch', 'deb'), ['debian/13']);
    assert.deepEqual(await complete('move', '--via', 'r'), ['relay']);
    assert.deepEqual(await complete('--context', 'work', 'host', 'show', 'al'), ['alpha']);
    assert.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish']);
  });

  it('offers nothing where there is free text, or enough arguments', async () => {
    assert.deepEqual(await complete('launch', 'debian', ''), []);
    assert.deepEqual(await complete('host', 'show', 'alpha', ''), []);
    assert.deepEqual(await complete('list', '--filter', ''), []);
  });

  it('never offers a name that a shell would act on', async () => {
    assert.deepEqual(await complete('stop', ''), ['web1', 'a/web2', 'db1']);
  });
});
