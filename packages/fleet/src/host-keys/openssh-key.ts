import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { LongshoreError, type SshHostKeyType } from '@longshore/contract';
import { z } from 'zod';
import { BrokenSshData, type SshReader, sshNumber, sshReader, sshString } from './ssh-wire.ts';

/** A host key as it is kept and given to a guest. */
export type HostKey = Readonly<{
  type: SshHostKeyType;
  bits: number;
  /** `SHA256:…` */
  fingerprint: string;
  /** `TYPE BASE64` */
  publicKey: string;
  /** The file of the guest: OpenSSH's own format, which every version of it and of Dropbear's converter reads. */
  privateFile: string;
}>;

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
const LABEL = 'OPENSSH PRIVATE KEY';
const BLOCK_BYTES = 8;
const MIN_RSA_BITS = 2048;

const Ed25519 = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });
const Ec = z.object({
  kty: z.literal('EC'),
  crv: z.enum(['P-256', 'P-384', 'P-521']),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});
const Rsa = z.object({
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  qi: z.string(),
});
const PrivateJwk = z.discriminatedUnion('kty', [Ed25519, Ec, Rsa]);

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/**
 * Writes a private key in the form of OpenSSH (PROTOCOL.key), without a passphrase, and what is told of it.
 *
 * @throws LongshoreError `key-refused` for a kind of key that is no host key
 */
export function hostKeyOf(key: KeyObject): HostKey {
  const parsed = PrivateJwk.safeParse(key.export({ format: 'jwk' }));
  if (!parsed.success) throw refused('The key is neither Ed25519, nor ECDSA on a NIST curve, nor RSA.');
  const { type, name, bits, publicFields, privateFields } = fieldsOf(parsed.data);
  const blob = Buffer.concat([sshString(name), ...publicFields]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, sshString(name), ...privateFields, sshString('')]);
  const padding = Buffer.from(
    Array.from({ length: (BLOCK_BYTES - (secret.length % BLOCK_BYTES)) % BLOCK_BYTES }, (_, n) => n + 1),
  );
  const one = Buffer.from([0, 0, 0, 1]);
  const head = [MAGIC, sshString('none'), sshString('none'), sshString(''), one, sshString(blob)];
  const file = Buffer.concat([...head, sshString(Buffer.concat([secret, padding]))]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    type,
    bits,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    publicKey: `${name} ${blob.toString('base64')}`,
    privateFile: `-----BEGIN ${LABEL}-----\n${lines.join('\n')}\n-----END ${LABEL}-----\n`,
  };
}

function fieldsOf(jwk: z.infer<typeof PrivateJwk>) {
  switch (jwk.kty) {
    case 'OKP': {
      const publicFields = [sshString(bytesOf(jwk.x))];
      const both = Buffer.concat([bytesOf(jwk.d), bytesOf(jwk.x)]);
      const privateFields = [...publicFields, sshString(both)];
      return { type: 'ed25519', name: 'ssh-ed25519', bits: 256, publicFields, privateFields } as const;
    }
    case 'EC': {
      const curve = `nist${jwk.crv.toLowerCase().replace('-', '')}`;
      const point = Buffer.concat([Buffer.from([4]), bytesOf(jwk.x), bytesOf(jwk.y)]);
      const publicFields = [sshString(curve), sshString(point)];
      const privateFields = [...publicFields, sshNumber(bytesOf(jwk.d))];
      const bits = Number(jwk.crv.slice(2));
      return { type: 'ecdsa', name: `ecdsa-sha2-${curve}`, bits, publicFields, privateFields } as const;
    }
    case 'RSA': {
      const number = (text: string) => sshNumber(bytesOf(text));
      const bits = bitLength(bytesOf(jwk.n));
      if (bits < MIN_RSA_BITS) throw refused(`The RSA key has ${bits} bits; it must have ${MIN_RSA_BITS}.`);
      const publicFields = [number(jwk.e), number(jwk.n)];
      const privateFields = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(number);
      return { type: 'rsa', name: 'ssh-rsa', bits, publicFields, privateFields } as const;
    }
  }
}

/**
 * Reads a private key without a passphrase: OpenSSH's form, or PEM (PKCS #1, PKCS #8, SEC 1).
 *
 * @throws LongshoreError `key-refused`
 */
export function readPrivateKey(text: string): KeyObject {
  const body = new RegExp(
    `^\\s*-----BEGIN ${LABEL}-----([A-Za-z0-9+/=\\s]+)-----END ${LABEL}-----\\s*$`,
  ).exec(text)?.[1];
  try {
    const jwk = body === undefined ? undefined : jwkOf(Buffer.from(body, 'base64'));
    const key =
      jwk === undefined
        ? createPrivateKey({ key: text, format: 'pem' })
        : createPrivateKey({ key: jwk, format: 'jwk' });
    // Of Ed25519 only the secret half is looked at; the other one is made from it.
    if (jwk !== undefined && key.export({ format: 'jwk' }).x !== jwk.x) {
      throw new BrokenSshData('its two halves do not fit');
    }
    const proof = randomBytes(32);
    const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    // Its halves belong together.
    if (!verify(algorithm, proof, createPublicKey(key), sign(algorithm, proof, key))) {
      throw new BrokenSshData('its two halves do not fit');
    }
    return key;
  } catch (cause) {
    if (cause instanceof LongshoreError) throw cause;
    const encrypted = /ENCRYPTED/.test(text) || (cause instanceof Error && /passphrase/i.test(cause.message));
    // Not the cause itself: it could quote the key.
    throw refused(
      encrypted
        ? 'The private key has a passphrase.'
        : 'This is no private key that can be read (OpenSSH or PEM, without a passphrase).',
    );
  }
}

function jwkOf(data: Buffer): JsonWebKey {
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) throw new BrokenSshData('it is no OpenSSH key');
  const file = sshReader(data.subarray(MAGIC.length));
  if (file.text() !== 'none') throw new BrokenSshData('it has a passphrase');
  file.string();
  file.string();
  if (file.uint32() !== 1) throw new BrokenSshData('it holds several keys');
  file.string();
  const secret = sshReader(file.string());
  const check = secret.uint32();
  if (secret.uint32() !== check) throw new BrokenSshData('it is damaged');
  return privateJwk(secret.text(), secret);
}

function privateJwk(name: string, read: SshReader): JsonWebKey {
  switch (name) {
    case 'ssh-ed25519': {
      const x = read.string();
      return { kty: 'OKP', crv: 'Ed25519', x: textOf(x), d: textOf(read.string().subarray(0, 32)) };
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521': {
      const bits = Number(name.slice(-3));
      const size = Math.ceil(bits / 8);
      read.string();
      const point = read.string();
      if (point.length !== 1 + 2 * size || point[0] !== 4) throw new BrokenSshData('its point is not one');
      const d = read.number();
      if (d.length > size) throw new BrokenSshData('its secret is too long');
      const padded = Buffer.concat([Buffer.alloc(size - d.length), d]);
      const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)];
      return { kty: 'EC', crv: `P-${bits}`, x: textOf(x), y: textOf(y), d: textOf(padded) };
    }
    case 'ssh-rsa': {
      const [n, e, d, qi, p, q] = [0, 1, 2, 3, 4, 5].map(() => read.number());
      if (!n || !e || !d || !qi || !p || !q) throw new BrokenSshData('it is not complete');
      const rest = (prime: Buffer) => bigBytes(bigOf(d) % (bigOf(prime) - 1n));
      return {
        kty: 'RSA',
        n: textOf(n),
        e: textOf(e),
        d: textOf(d),
        p: textOf(p),
        q: textOf(q),
        dp: textOf(rest(p)),
        dq: textOf(rest(q)),
        qi: textOf(qi),
      };
    }
    default:
      throw refused(`Keys of the type ${name.slice(0, 40)} are no host keys here.`);
  }
}

function bigOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function bigBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function bitLength(bytes: Buffer): number {
  return bigOf(bytes).toString(2).length;
}

function refused(message: string): LongshoreError {
  return new LongshoreError('key-refused', message, {
    hint: 'Give a private key as ssh-keygen writes it, such as /etc/ssh/ssh_host_ed25519_key.',
  });
}
