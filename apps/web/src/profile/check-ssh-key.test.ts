import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { checkSshKey } from './check-ssh-key.ts';

/** An Ed25519 key as OpenSSH writes it (RFC 8709, 4). */
function ed25519(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x, 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')}`;
}

describe('what is said of a pasted SSH key', () => {
  it('lets a public key pass, with and without a comment', () => {
    assert.equal(checkSshKey(ed25519()), null);
    assert.equal(checkSshKey(`  ${ed25519()} ada@laptop with words\n`), null);
  });

  it('warns of a private key before anything else', () => {
    assert.equal(checkSshKey('-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n'), 'private');
    assert.equal(checkSshKey('PuTTY-User-Key-File-3: ssh-ed25519'), 'private');
  });

  it('names what is wrong', () => {
    const key = ed25519();
    assert.equal(checkSshKey(' '), 'empty');
    assert.equal(checkSshKey(`${key}\n${key}`), 'lines');
    assert.equal(checkSshKey(`command="rm -rf /" ${key}`), 'options');
    assert.equal(checkSshKey('ssh-dss AAAAB3NzaC1kc3MAAACBA'), 'type');
    assert.equal(checkSshKey(key.slice(0, -7)), 'broken');
    assert.equal(checkSshKey(key.replace('ssh-ed25519', 'ssh-rsa')), 'broken');
  });
});
