import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { makeHostKeys } from './make-host-keys.ts';
import { hostKeyOf, readPrivateKey } from './openssh-key.ts';

/** Made by OpenSSH's own ssh-keygen for this test, and used nowhere. */
const BY_OPENSSH = [
  {
    privateFile: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDE3xqjKxBBbs7uLzAOacr2Tsf8WbFtciOrleoMZvV3jQAAAIjXoWog16Fq
IAAAAAtzc2gtZWQyNTUxOQAAACDE3xqjKxBBbs7uLzAOacr2Tsf8WbFtciOrleoMZvV3jQ
AAAEClL/cVLMJ7blB7CBinl7BxgIIheE5pcBNwLqVrvJU1T8TfGqMrEEFuzu4vMA5pyvZO
x/xZsW1yI6uV6gxm9XeNAAAABHRlc3QB
-----END OPENSSH PRIVATE KEY-----
`,
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMTfGqMrEEFuzu4vMA5pyvZOx/xZsW1yI6uV6gxm9XeN',
    fingerprint: 'SHA256:lvRqtiCBAaE/T/w6ogw+rze6myO19FHkS0hKJOtLfBc',
  },
  {
    privateFile: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQTV4IDkpQ1/3qlwql68C5ejtOYskHwE
wXtaPurZDAeMbI8kvqkmJhV4ysfDwkPQY1pXOBx5OSZNEarcFRWk1nqiAAAAoJCL54uQi+
eLAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNXggOSlDX/eqXCq
XrwLl6O05iyQfATBe1o+6tkMB4xsjyS+qSYmFXjKx8PCQ9BjWlc4HHk5Jk0RqtwVFaTWeq
IAAAAgBsXUwldUp/pxPYdTjbVdDtgDZlL2Iu7j8tu3DgL4Ic8AAAAEdGVzdAECAwQ=
-----END OPENSSH PRIVATE KEY-----
`,
    publicKey:
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNXggOSlDX/eqXCqXrwLl6O05iyQfATBe1o+6tkMB4xsjyS+qSYmFXjKx8PCQ9BjWlc4HHk5Jk0RqtwVFaTWeqI=',
    fingerprint: 'SHA256:2Q388UiJGhKENaZ2Sncw9NplbMY0adRWOtkNAR2A80c',
  },
];
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof LongshoreError && error.code === 'key-refused' && pattern.test(error.message);

describe('a host key', () => {
  it('is read from the file of OpenSSH, with the fingerprint that it shows', () => {
    for (const { privateFile, publicKey, fingerprint } of BY_OPENSSH) {
      const key = hostKeyOf(readPrivateKey(privateFile));
      assert.deepEqual([key.publicKey, key.fingerprint], [publicKey, fingerprint]);
    }
  });

  it('comes out as it went in, of every type, also from PEM', async () => {
    for (const key of await makeHostKeys(['ed25519', 'ecdsa', 'rsa'])) {
      const object = readPrivateKey(key.privateFile);
      assert.equal(hostKeyOf(object).publicKey, key.publicKey);
      const pem = object.export({ type: 'pkcs8', format: 'pem' }).toString();
      assert.equal(hostKeyOf(readPrivateKey(pem)).publicKey, key.publicKey);
    }
    // A secret with a leading zero byte is one byte shorter inside.
    for (let round = 0; round < 300; round += 1) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = hostKeyOf(privateKey);
      assert.equal(hostKeyOf(readPrivateKey(key.privateFile)).publicKey, key.publicKey);
    }
  });

  it('is refused with a reason, and never quoted', () => {
    const [first] = BY_OPENSSH;
    assert.ok(first);
    const { privateFile } = first;
    const { privateKey: sealed } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    });
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    assert.throws(() => readPrivateKey(sealed), refused(/passphrase/));
    assert.throws(() => readPrivateKey(first.publicKey), refused(/no private key/));
    assert.throws(() => readPrivateKey(''), refused(/no private key/));
    assert.throws(() => hostKeyOf(small), refused(/1024 bits/));
    assert.throws(() => hostKeyOf(generateKeyPairSync('ed448').privateKey), refused(/neither/));
    const body = privateFile.split('\n').slice(1, -2).join('');
    for (let at = 40; at < body.length - 8; at += 1) {
      const other = `${body.slice(0, at)}${body[at] === 'A' ? 'B' : 'A'}${body.slice(at + 1)}`;
      const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${other}\n-----END OPENSSH PRIVATE KEY-----\n`;
      try {
        // What is told twice in the file, or is padding, may be wrong in one place; the key itself may not.
        assert.equal(hostKeyOf(readPrivateKey(text)).publicKey, first.publicKey);
      } catch (error) {
        assert.ok(refused(/./)(error), String(error));
        assert.ok(!String(error).includes(body.slice(0, 60)));
      }
    }
  });
});
