/** The server's only rule (NIST SP 800-63B, 3.1.1.2). */
export const MIN_PASSWORD_LENGTH = 12;
/** Four words, or a sentence: nothing more is gained by asking for more. */
const GOOD_LENGTH = 20;
const MAX_PASSWORD_LENGTH = 256;

export type PasswordHint =
  | Readonly<{ kind: 'too-short'; missing: number }>
  | Readonly<{ kind: 'too-long' | 'repeats' | 'known' | 'names-you' | 'fair' | 'good' }>;

/** What most people try first; a longer list is the business of whoever guesses, not of a form. */
const KNOWN = /^(password|passwort|qwert[yz]|letmein|welcome|admin|longshore|abc|iloveyou|changeme)[\W\d_]*/i;

/** What to say about a password while it is typed. Only `too-short` and `too-long` keep it from being taken. */
export function passwordHint(password: string, names: readonly string[]): PasswordHint {
  const { length } = password;
  if (length < MIN_PASSWORD_LENGTH) return { kind: 'too-short', missing: MIN_PASSWORD_LENGTH - length };
  if (length > MAX_PASSWORD_LENGTH) return { kind: 'too-long' };
  if (new Set(password).size < 6 || /^(.{1,8})\1+$/u.test(password)) return { kind: 'repeats' };
  const known = KNOWN.exec(password)?.[0];
  if (known !== undefined && length - known.length < 8) return { kind: 'known' };
  const lower = password.toLowerCase();
  const named = names.some(
    (name) => name.length >= 3 && lower.includes(name.toLowerCase()) && length - name.length < 10,
  );
  if (named) return { kind: 'names-you' };
  return { kind: length >= GOOD_LENGTH ? 'good' : 'fair' };
}
