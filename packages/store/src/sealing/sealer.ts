import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { StoreError } from '../store-error.ts';

/** A sealing key: 32 random bytes and the name that its envelopes carry. */
export interface SealingKey {
  /** Letters, digits, `-` and `_`. */
  readonly id: string;
  readonly key: Uint8Array;
}

/** The keys there are. All can open, the active one seals. */
export interface KeyRing {
  readonly keys: readonly SealingKey[];
  /** Id of the key that seals. */
  readonly active: string;
}

/**
 * Seals values that must be read back. An envelope is bound to its context: a value moved to another row or
 * column does not open there.
 */
export interface Sealer {
  /**
   * @param context where the value belongs, for example `hosts.client_key:17`; the same is needed to open it
   */
  seal(plaintext: string, context: string): string;
  /** @throws StoreError `sealed_value_invalid`, `sealed_value_tampered`, `key_unknown` */
  open(envelope: string, context: string): string;
  /** The envelope under the active key: the same one, or a new one where it was sealed under another. */
  reseal(envelope: string, context: string): string;
  readonly activeKeyId: string;
}

const format = 's1';
const keyBytes = 32;
/** What GCM is made for (NIST SP 800-38D, 8.2.2): random nonces of 96 bits, good for 2^32 seals per key. */
const nonceBytes = 12;
const tagBytes = 16;
const envelopePattern = /^s1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const keyIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** What an envelope of a key begins with, to find those of other keys by SQL. */
export function envelopePrefix(keyId: string): string {
  return `${format}.${keyId}.`;
}

/**
 * A sealer over AES-256-GCM. Envelopes are text: `s1.<key id>.<base64url of nonce, ciphertext and tag>`.
 *
 * @throws StoreError `key_file_invalid` when a key is not 32 bytes, a name is odd or the active one is missing
 */
export function createSealer(ring: KeyRing): Sealer {
  const keys = new Map(ring.keys.map(({ id, key }) => [id, Buffer.from(key)]));
  for (const [id, key] of keys) {
    if (key.length === keyBytes && keyIdPattern.test(id)) continue;
    throw new StoreError(
      'key_file_invalid',
      `Sealing key ${id} is not ${keyBytes} bytes under a plain name.`,
    );
  }
  const activeKey = keys.get(ring.active);
  if (activeKey === undefined || keys.size !== ring.keys.length) {
    throw new StoreError(
      'key_file_invalid',
      `The sealing keys are not each named once, ${ring.active} among them.`,
    );
  }

  const seal: Sealer['seal'] = (plaintext, context) => {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', activeKey, nonce);
    cipher.setAAD(boundTo(ring.active, context));
    const sealed = Buffer.concat([
      nonce,
      cipher.update(plaintext, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return envelopePrefix(ring.active) + sealed.toString('base64url');
  };

  const open: Sealer['open'] = (envelope, context) => {
    const { keyId, sealed } = parse(envelope, context);
    const key = keys.get(keyId);
    if (key === undefined) {
      throw new StoreError(
        'key_unknown',
        `${context} is sealed under key ${keyId}, which is not in the key file. Bring that key back into it.`,
      );
    }
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
    decipher.setAAD(boundTo(keyId, context));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    try {
      const text = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new StoreError(
        'sealed_value_tampered',
        `${context} does not open under key ${keyId}: it was changed, moved, or sealed by another installation.`,
        { cause: error },
      );
    }
  };

  return {
    seal,
    open,
    reseal: (envelope, context) =>
      envelope.startsWith(envelopePrefix(ring.active)) ? envelope : seal(open(envelope, context), context),
    activeKeyId: ring.active,
  };
}

function boundTo(keyId: string, context: string): Buffer {
  return Buffer.from(`${format}\0${keyId}\0${context}`, 'utf8');
}

function parse(envelope: string, context: string): { readonly keyId: string; readonly sealed: Buffer } {
  const [, keyId, text] = envelopePattern.exec(envelope) ?? [];
  const sealed = Buffer.from(text ?? '', 'base64url');
  if (keyId === undefined || sealed.length < nonceBytes + tagBytes) {
    throw new StoreError('sealed_value_invalid', `${context} is no sealed value.`);
  }
  return { keyId, sealed };
}
