import { createHash, createPublicKey } from 'node:crypto';
import { LongshoreError, SshKeyType } from '@longshore/contract';

/** A public key, as it is kept. */
export type PublicKey = Readonly<{
  type: SshKeyType;
  bits: number;
  /** `SHA256:…`, base64 without padding, as OpenSSH writes it. */
  fingerprint: string;
  /** `TYPE BASE64` */
  publicKey: string;
  comment: string;
}>;

/** 16384 bits of RSA take 2.1 kB; a longer text is none. */
const MAX_LINE = 16_384;
const MAX_COMMENT = 100;
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;

/**
 * Reads a public key as it stands in `id_ed25519.pub`: one line, `TYPE BASE64 [COMMENT]` (sshd(8), AUTHORIZED_KEYS FILE
 * FORMAT), and nothing before it: an option such as `command=` or `environment=` is refused, as is everything of which we
 * cannot tell that a server would take it as just this key. What is inside the base64 must be exactly a key of that type.
 *
 * @param comment instead of the one in the line
 * @throws LongshoreError `key-refused`
 */
export function parsePublicKey(text: string, comment?: string): PublicKey {
  const line = text.replace(/\r?\n$/, '').trim();
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(line)) {
    throw refused(
      'This is a private key.',
      'Never give it to anyone. The public part is in the file that ends in .pub.',
    );
  }
  if (line.length > MAX_LINE) throw refused(`An SSH key is at most ${MAX_LINE} characters long.`);
  if (/[\r\n]/.test(line)) throw refused('This is more than one line.', 'Add one key at a time.');
  if (/\p{Cc}/u.test(line.replaceAll('\t', ' '))) throw refused('There are control characters in the key.');
  const [, word = '', base64 = '', rest = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(line) ?? [];
  const type = SshKeyType.safeParse(word);
  if (!type.success) throw unknownType(line, word);
  const blob = Buffer.from(base64, 'base64');
  // Nothing but base64 in its one canonical form, or two spellings of one key would pass for two.
  if (blob.toString('base64') !== base64) throw refused('The key is not complete: it is not base64.');
  const bits = bitsOf(type.data, blob);
  return {
    type: type.data,
    bits,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    publicKey: `${type.data} ${base64}`,
    comment: cleanComment(comment ?? rest),
  };
}

/** A comment that can stand at the end of a line, in any file and on any terminal. */
export function cleanComment(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_COMMENT)
    .toWellFormed();
}

function unknownType(line: string, word: string): LongshoreError {
  if (SshKeyType.options.some((each) => line.includes(`${each} `))) {
    return refused('There are options before the key.', 'Give the key alone, from its type on.');
  }
  if (word === 'ssh-dss') return refused('DSA keys are too weak.', 'Make a new one: ssh-keygen -t ed25519.');
  if (word.endsWith('-cert-v01@openssh.com')) return refused('This is a certificate, not a key.');
  return refused('This is no SSH public key.', 'Give one line, as in the file ~/.ssh/id_ed25519.pub.');
}

/** Checks what is inside the base64 (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, OpenSSH PROTOCOL.u2f). */
function bitsOf(type: SshKeyType, blob: Buffer): number {
  const read = readerOf(blob);
  if (read.string().toString('latin1') !== type) throw refused(`The key is not of the type ${type}.`);
  const bits = keyBits(type, read);
  if (!read.atEnd()) throw refused('There is something behind the end of the key.');
  return bits;
}

function keyBits(type: SshKeyType, read: Reader): number {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com': {
      if (read.string().length !== 32) throw refused('An Ed25519 key has 32 bytes.');
      if (type !== 'ssh-ed25519') application(read);
      return 256;
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const curve = /nistp(256|384|521)/.exec(type)?.[1] ?? '256';
      if (read.string().toString('latin1') !== `nistp${curve}`)
        throw refused('The curve of the key is another one.');
      checkPoint(read.string(), Number(curve));
      if (type.startsWith('sk-')) application(read);
      return Number(curve);
    }
    case 'ssh-rsa': {
      const exponent = unsigned(read.string());
      const modulus = unsigned(read.string());
      const bits = modulus === 0n ? 0 : modulus.toString(2).length;
      if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
        throw refused(
          `The RSA key has ${bits} bits; it must have from ${MIN_RSA_BITS} to ${MAX_RSA_BITS}.`,
          'Make a new one: ssh-keygen -t ed25519.',
        );
      }
      if (exponent < 3n || exponent % 2n === 0n || modulus % 2n === 0n)
        throw refused('The RSA key is not one.');
      return bits;
    }
  }
}

/** Such as `ssh:`; who made the key chose it, and no server but one that asks for it minds. */
function application(read: Reader): void {
  const name = read.string();
  if (name.length === 0 || name.length > 255) throw refused('The security key has no application.');
}

/** A point that is on the curve: OpenSSL looks. */
function checkPoint(point: Buffer, bits: number): void {
  const size = Math.ceil(bits / 8);
  if (point.length !== 1 + 2 * size || point[0] !== 4) throw refused('The ECDSA key is not one.');
  const part = (from: number) => point.subarray(from, from + size).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv: `P-${bits}`, x: part(1), y: part(1 + size) }, format: 'jwk' });
  } catch (cause) {
    throw new LongshoreError('key-refused', 'The ECDSA key is not one: its point is not on the curve.', {
      cause,
    });
  }
}

type Reader = Readonly<{ string(): Buffer; atEnd(): boolean }>;

/** Reads the strings of RFC 4251 §5: a length in four bytes, and so many bytes. */
function readerOf(blob: Buffer): Reader {
  let at = 0;
  return {
    string() {
      const length = at + 4 <= blob.length ? blob.readUInt32BE(at) : Number.POSITIVE_INFINITY;
      if (at + 4 + length > blob.length) throw refused('The key is not complete.');
      const from = at + 4;
      at = from + length;
      return blob.subarray(from, at);
    },
    atEnd: () => at === blob.length,
  };
}

/** A positive mpint of RFC 4251 §5 in its shortest form. */
function unsigned(bytes: Buffer): bigint {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 0 || first > 0x7f || (first === 0 && second < 0x80))
    throw refused('The RSA key is not one.');
  return BigInt(`0x${bytes.toString('hex')}`);
}

function refused(message: string, hint?: string): LongshoreError {
  return new LongshoreError('key-refused', message, {
    ...(hint === undefined ? {} : { hint }),
    fields: [{ path: 'key', message }],
  });
}
