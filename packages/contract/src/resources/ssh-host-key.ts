import { z } from 'zod';
import { Timestamp } from '../names.ts';

/** Kinds of host keys that are made: Ed25519, ECDSA on P-256, RSA of 3072 bits. */
export const SshHostKeyType = z.enum(['ed25519', 'ecdsa', 'rsa']).meta({ id: 'SshHostKeyType' });
export type SshHostKeyType = z.infer<typeof SshHostKeyType>;

/** What an instance proves its identity with to who logs in. The private part is sealed and never shown. */
export const SshHostKey = z
  .object({
    type: SshHostKeyType,
    bits: z.int(),
    fingerprint: z.string().describe('`SHA256:…`, as `ssh` shows it at the first login.'),
    publicKey: z.string().describe('`TYPE BASE64`'),
    origin: z.enum(['made', 'imported']),
    createdAt: Timestamp,
  })
  .meta({ id: 'SshHostKey' });
export type SshHostKey = z.infer<typeof SshHostKey>;

/** Which kinds of keys to make anew; the others are taken away. */
export const SshHostKeyRotation = z
  .strictObject({
    types: z.array(SshHostKeyType).min(1).max(3).default(['ed25519', 'ecdsa']),
  })
  .meta({ id: 'SshHostKeyRotation' });
export type SshHostKeyRotation = z.infer<typeof SshHostKeyRotation>;

/** Keys to keep: those that the guest has, or private keys without a passphrase (OpenSSH or PEM). */
export const SshHostKeyImport = z
  .discriminatedUnion('from', [
    z.strictObject({ from: z.literal('guest') }),
    z.strictObject({ from: z.literal('keys'), keys: z.array(z.string().min(1).max(16_384)).min(1).max(3) }),
  ])
  .meta({ id: 'SshHostKeyImport' });
export type SshHostKeyImport = z.infer<typeof SshHostKeyImport>;
