import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { safeBlock, safeJson, safeText } from './safe-text.ts';
import { safeYaml } from './safe-yaml.ts';

/** Clear screen, window title, an 8-bit CSI, reversed reading order, a hidden tag, a lone surrogate, a line end. */
const HOSTILE = 'a\x1b[2J\x1b]0;owned\x07\u009b31m\u202Egnp\u{e0041}\ud800\u2028\r\nb\x7f';
const RAW = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('text from hosts', () => {
  it('reaches the terminal with control and format characters written out', () => {
    assert.equal(safeText('a\x1b[2J\u009b\u202e'), 'a\\x1b[2J\\x9b\\u202e');
    assert.doesNotMatch(safeText(HOSTILE), RAW);
    assert.equal(safeText('Größe 日本 ✓ 👍'), 'Größe 日本 ✓ 👍');
  });

  it('keeps line ends only where several lines are shown', () => {
    assert.equal(safeBlock('a\n\tb\x1b'), 'a\n    b\\x1b');
  });

  it('is the same value in JSON, without a raw control character', () => {
    const value = { [HOSTILE]: [HOSTILE, 1, null] };
    const text = safeJson(value);
    assert.doesNotMatch(text.replaceAll('\n', ''), RAW);
    assert.deepEqual(JSON.parse(text), value);
  });

  it('is the same value in YAML, without a raw control character', async () => {
    const hostile = HOSTILE.replace('\ud800', ''); // YAML has no way to write half a character
    const value = { [hostile]: [hostile, `${hostile} `.repeat(30), 'plain', null], list: [] };
    const text = await safeYaml(value);
    assert.doesNotMatch(text.replaceAll('\n', ''), RAW);
    assert.deepEqual(parse(text), value);
  });
});
