import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: nobody guesses one, and a fast hash is enough to keep it by. */
const SECRET_BYTES = 32;
const TOKEN = /^lsh_[A-Za-z0-9_-]{43}$/;

/** The hash that is kept in place of a secret. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** A new token's text: `lsh_` (so that secret scanners find one that leaked) and 43 characters of base64url. */
export function newTokenSecret(random: (bytes: number) => Buffer = randomBytes): string {
  return `lsh_${random(SECRET_BYTES).toString('base64url')}`;
}

/** Whether a text can be a token at all; saves the look into the database for what cannot. */
export function looksLikeToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A new set-up code, 43 characters of base64url. */
export function newSetupCode(random: (bytes: number) => Buffer = randomBytes): string {
  return random(SECRET_BYTES).toString('base64url');
}
