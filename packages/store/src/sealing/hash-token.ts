import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * What is stored of a secret that is only compared: its SHA-256, as hex. No salt or stretching: the secrets are
 * random (128 bits or more), so there is nothing to guess, and the hash can be looked up by an index.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** Whether a token is the one of a stored hash, in a time that tells nothing. */
export function tokenMatches(token: string, hash: string): boolean {
  const given = Buffer.from(hashToken(token), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
}
