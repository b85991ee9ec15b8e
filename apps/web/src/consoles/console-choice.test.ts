import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { consoleSearch } from './console-choice.ts';

describe('the address of a console', () => {
  it('holds what to open, and leaves out what is not as it should be', () => {
    assert.deepEqual(consoleSearch({ type: 'shell', user: 'web', shell: '/bin/sh', extra: 1 }), {
      type: 'shell',
      user: 'web',
      shell: '/bin/sh',
    });
    assert.deepEqual(consoleSearch({ type: 'console', user: 'web' }), { type: 'console' });
    assert.deepEqual(consoleSearch({}), { type: 'shell' });
  });

  it('takes nothing over by itself', () => {
    assert.deepEqual(consoleSearch({ mode: 'takeover' }), { type: 'shell' });
    assert.deepEqual(consoleSearch({ mode: 'view' }), { type: 'shell', mode: 'view' });
  });
});
