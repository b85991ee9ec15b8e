import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { browserText } from './browser-text.ts';

describe('a browser in words', () => {
  it('is its own name and not one that it is like', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
    assert.equal(browserText(chrome), 'Chrome 141, Linux');
    assert.equal(
      browserText(`${chrome.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/141.0`),
      'Edge 141, Windows',
    );
    const phone =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1';
    assert.equal(browserText(phone), 'Safari 18, iPhone');
  });

  it('is shown as it is where it is not known', () => {
    assert.equal(browserText('curl/8.14'), 'curl/8.14');
    assert.equal(browserText(''), '?');
    assert.equal(browserText('x'.repeat(500)).length, 61);
  });
});
