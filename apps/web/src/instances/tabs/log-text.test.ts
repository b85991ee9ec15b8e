import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainLog } from './log-text.ts';

describe('the text of a log', () => {
  it('is free of what was meant for a terminal', () => {
    assert.equal(
      plainLog('\u001b[0;32mOK\u001b[0m started\r\nnext\u0000\u001b]0;title\u0007'),
      'OK started\nnext',
    );
    assert.equal(plainLog('10 %\r50 %\rdone\n'), 'done\n');
    assert.equal(plainLog('<img src=x>'), '<img src=x>', 'and is text otherwise');
  });
});
