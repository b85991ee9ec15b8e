import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLxdError } from './lxd-error.ts';
import { formatTrustToken, parseTrustToken } from './trust-token.ts';

const token = {
  clientName: 'longshore',
  fingerprint: 'ab'.repeat(32),
  addresses: ['10.0.0.1:8443', '[2001:db8::1]:8443'],
  secret: 'hush',
  expiresAt: null,
};

describe('parseTrustToken', () => {
  it('reads what the servers print, with the line breaks of a terminal', () => {
    const text = formatTrustToken(token);
    assert.deepEqual(parseTrustToken(`  ${text.slice(0, 40)}\n${text.slice(40)}\n`), { ...token, text });
  });

  it('takes the year 1 for "does not expire" and keeps a real expiry', () => {
    const expiring = { ...token, expiresAt: '2030-01-01T00:00:00Z' };
    assert.equal(parseTrustToken(formatTrustToken(token)).expiresAt, null);
    assert.equal(parseTrustToken(formatTrustToken(expiring)).expiresAt, '2030-01-01T00:00:00Z');
  });

  it('refuses everything else without quoting it', () => {
    const broken = [
      '',
      'hush',
      Buffer.from('{"secret":"hush"}').toString('base64'),
      formatTrustToken({ ...token, fingerprint: 'short' }),
      formatTrustToken({ ...token, addresses: [] }),
      'A'.repeat(100_000),
    ];
    for (const text of broken) {
      assert.throws(
        () => parseTrustToken(text),
        (error) => {
          assert.ok(isLxdError(error, 'bad-request'));
          assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.target, error.cause]), /hush/);
          return true;
        },
      );
    }
  });
});
