import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import ssh2 from 'ssh2';
import { parsePublicKey } from './parse-public-key.ts';

const { utils } = ssh2;

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof LongshoreError && error.code === 'key-refused' && pattern.test(error.message);

/** Keys as another implementation makes them. */
const made = {
  ed25519: utils.generateKeyPairSync('ed25519', { comment: 'anna@home' }).public,
  ecdsa256: utils.generateKeyPairSync('ecdsa', { bits: 256 }).public,
  ecdsa384: utils.generateKeyPairSync('ecdsa', { bits: 384 }).public,
  ecdsa521: utils.generateKeyPairSync('ecdsa', { bits: 521 }).public,
  rsa2048: utils.generateKeyPairSync('rsa', { bits: 2048 }).public,
};
const rsa1024 = utils.generateKeyPairSync('rsa', { bits: 1024 }).public;

/** An SSH string: its length, and it. */
const field = (value: string | Buffer) => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const line = (type: string, ...fields: readonly (string | Buffer)[]) =>
  `${type} ${Buffer.concat([field(type), ...fields.map(field)]).toString('base64')}`;
const point = Buffer.from(made.ecdsa256.split(' ')[1] ?? '', 'base64').subarray(-65);

describe('a public key', () => {
  it('is read as other programs write it, with the fingerprint that OpenSSH shows', () => {
    const known = parsePublicKey(
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl git\thost \n',
    );
    assert.deepEqual(known, {
      type: 'ssh-ed25519',
      bits: 256,
      fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
      publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
      comment: 'git host',
    });
    assert.deepEqual(
      Object.values(made).map((text) => parsePublicKey(text).bits),
      [256, 256, 384, 521, 2048],
    );
    assert.equal(parsePublicKey(made.ed25519).comment, 'anna@home');
    assert.equal(parsePublicKey(made.ed25519, 'laptop').comment, 'laptop');
  });

  it('may be held by a security key', () => {
    const ed25519 = line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:');
    const ecdsa = line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point, 'ssh:');
    assert.deepEqual([parsePublicKey(ed25519).bits, parsePublicKey(ecdsa).bits], [256, 256]);
    assert.throws(
      () => parsePublicKey(line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7))),
      refused(/complete/),
    );
  });

  it('is refused with a reason when it is none, or more than one', () => {
    const [type = '', base64 = ''] = made.ed25519.split(' ');
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /no SSH public key/],
      ['ssh-ed25519', /no SSH public key/],
      [`command="sh" ${made.ed25519}`, /options/],
      [`restrict,pty ${made.ed25519}`, /options/],
      [`${made.ed25519}\n${made.ecdsa256}`, /one line/],
      [`${type} ${base64} x\rcommand="sh"`, /one line/],
      [`${type} ${base64} a\u0000b`, /control/],
      [`${type} ${base64.slice(0, -4)}`, /not complete/],
      [`${type} ${base64}AAAA`, /behind the end/],
      [`${type} !${base64}`, /base64/],
      [`ssh-rsa ${base64}`, /not of the type/],
      ['ssh-dss AAAA', /too weak/],
      [`ssh-ed25519-cert-v01@openssh.com ${base64}`, /certificate/],
      [rsa1024, /1024 bits/],
      [utils.generateKeyPairSync('ed25519').private, /private key/],
      [line('ecdsa-sha2-nistp256', 'nistp384', point), /curve/],
      [line('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4)), /not on the curve/],
      [line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(256, 0xff)), /not one/],
      ['x'.repeat(10_000_000), /long/],
    ];
    for (const [text, reason] of cases)
      assert.throws(() => parsePublicKey(text), refused(reason), text.slice(0, 60));
  });

  it('has a comment that is one line of printable text, whatever was given', () => {
    const [type = '', base64 = ''] = made.ed25519.split(' ');
    // Every code unit, alone and between others: control and format characters, separators, halves of pairs.
    for (let unit = 0; unit < 0x10000; unit += 7) {
      const { comment } = parsePublicKey(`${type} ${base64}`, `a${String.fromCharCode(unit, unit + 1)}b`);
      assert.match(comment, /^a[^\p{C}\p{Zl}\p{Zp}]*b$/u);
    }
    assert.equal(parsePublicKey(made.ed25519, 'x'.repeat(1000)).comment.length, 100);
  });

  it('is refused, and breaks nothing, when any byte of it is another', () => {
    const [type = '', base64 = ''] = made.ecdsa256.split(' ');
    const blob = Buffer.from(base64, 'base64');
    for (let at = 0; at < blob.length; at += 1) {
      const other = Buffer.from(blob);
      other[at] = (other[at] ?? 0) ^ (1 + ((at * 37) % 255));
      assert.throws(() => parsePublicKey(`${type} ${other.toString('base64')}`), refused(/./), `byte ${at}`);
    }
  });
});
