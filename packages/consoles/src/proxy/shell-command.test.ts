import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { ConsoleCreation } from '@longshore/contract';
import { shellCommand } from './shell-command.ts';

const size = { columns: 80, rows: 24 };

describe('the command of a shell', () => {
  it('is a login of the chosen user, with the chosen shell', () => {
    assert.deepEqual(shellCommand({ size }), ['su', '-l', 'root']);
    assert.deepEqual(shellCommand({ size, user: 'ubuntu', shell: '/bin/zsh' }), [
      'su',
      '-l',
      '-s',
      '/bin/zsh',
      'ubuntu',
    ]);
  });

  it('gives a program its arguments as they are', () => {
    const hostile = ['printf', '%s|', "it's", '$(id)', '`id`', 'a b', '"', '\\', ';', '-c', '\n', '*'];
    assert.deepEqual(shellCommand({ size, command: hostile }), hostile);
    const line = shellCommand({ size, user: 'ubuntu', command: hostile }).at(-1) ?? '';
    assert.equal(execFileSync('sh', ['-c', line]).toString(), `${hostile.slice(2).join('|')}|`);
  });

  it('takes no option for a user, and no words for a shell', () => {
    for (const bad of [
      { user: '-c' },
      { user: 'a b' },
      { user: '' },
      { shell: 'sh' },
      { shell: '/bin/sh -c id' },
    ]) {
      assert.equal(ConsoleCreation.safeParse({ type: 'shell', ...bad }).success, false, JSON.stringify(bad));
    }
    assert.equal(ConsoleCreation.safeParse({ type: 'console', user: 'root' }).success, false);
  });
});
