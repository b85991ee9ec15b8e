import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFailedLogins } from './failed-logins.ts';

describe('failed authentications', () => {
  it('block an address for the rest of a minute, and no other', () => {
    let nowMs = 0;
    const logins = createFailedLogins(() => nowMs);
    for (let n = 0; n < 29; n += 1) logins.failed('192.0.2.1');
    assert.equal(logins.blockedForSeconds('192.0.2.1'), 0);
    nowMs = 20_000;
    logins.failed('192.0.2.1');
    assert.equal(logins.blockedForSeconds('192.0.2.1'), 40);
    assert.equal(logins.blockedForSeconds('192.0.2.2'), 0);
    assert.throws(() => logins.check('192.0.2.1'), { code: 'too-many-requests' });
    nowMs = 60_000;
    assert.equal(logins.blockedForSeconds('192.0.2.1'), 0);
  });

  it('are forgotten before they fill the memory', () => {
    const logins = createFailedLogins(() => 0);
    for (let n = 0; n < 30; n += 1) logins.failed('first');
    for (let n = 0; n < 10_000; n += 1) logins.failed(`other ${n}`);
    assert.equal(logins.blockedForSeconds('first'), 0);
  });
});
