import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';

/** Kinds of public keys that a person may log in with (RFC 8709, RFC 5656, RFC 4253; `sk-`: with a security key). */
export const SshKeyType = z
  .enum([
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'ssh-rsa',
    'sk-ssh-ed25519@openssh.com',
    'sk-ecdsa-sha2-nistp256@openssh.com',
  ])
  .meta({ id: 'SshKeyType' });
export type SshKeyType = z.infer<typeof SshKeyType>;

const fingerprint = z.string().describe('`SHA256:…`, as `ssh-keygen -l` shows it.');

/** A public key of a person. */
export const SshKey = z
  .object({
    id: Id,
    type: SshKeyType,
    bits: z.int().describe('Size of the key.'),
    fingerprint,
    publicKey: z.string().describe('`TYPE BASE64`, without the comment.'),
    comment: z.string(),
    source: z.enum(['manual', 'provider']),
    provider: z.string().nullable().describe('The identity provider that it comes from.'),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable().describe('It is taken away then; null: never.'),
  })
  .meta({ id: 'SshKey' });
export type SshKey = z.infer<typeof SshKey>;

/** How the keys of one identity provider stand. A provider that fails leaves the keys as they were. */
export const SshKeySource = z
  .object({
    provider: z.string(),
    state: z
      .enum(['fresh', 'failing', 'refused', 'never'])
      .describe(
        '`failing`: it did not answer well last time and is asked again; `refused`: it does not let us read keys (scope `read_user`); `never`: it was not asked yet.',
      ),
    fetchedAt: Timestamp.nullable().describe('When the keys were as they are here.'),
    failure: z.string().nullable(),
    retryAt: Timestamp.nullable().describe('When it is asked next; null: with the next login.'),
  })
  .meta({ id: 'SshKeySource' });
export type SshKeySource = z.infer<typeof SshKeySource>;

/** The keys of a person, where they come from, and on how many instances they are. */
export const SshKeyList = z
  .object({
    items: z.array(SshKey),
    sources: z.array(SshKeySource),
    instances: z.object({
      inStep: z.int().describe('Have the keys as they are now.'),
      pending: z.int().describe('Have not yet: stopped, unreachable or failed.'),
      leaving: z.int().describe('Still have a key that they should not have any more.'),
    }),
  })
  .meta({ id: 'SshKeyList' });
export type SshKeyList = z.infer<typeof SshKeyList>;

/** A key as a line of `id_ed25519.pub`. Longer than any key there is; what is wrong with it is told by `key-refused`. */
export const SshKeyCreation = z
  .strictObject({
    key: z.string().min(1).max(65_536),
    comment: z.string().max(255).optional().describe('Instead of the one in the line.'),
    expiresAt: Timestamp.nullable().default(null),
  })
  .meta({ id: 'SshKeyCreation' });
export type SshKeyCreation = z.infer<typeof SshKeyCreation>;

/** Name of an account inside a guest. */
export const GuestUserName = z
  .string()
  .regex(/^[a-z_][a-z0-9_.-]{0,31}$/, 'use 1 to 32 lower-case letters, digits and . _ -; start with a letter')
  .meta({ id: 'GuestUserName' });

/** Which accounts of a guest have the keys: null for what the project or the default says, empty for none. */
export const SshAccess = z
  .strictObject({ users: z.array(GuestUserName).max(8).nullable() })
  .meta({ id: 'SshAccess' });
export type SshAccess = z.infer<typeof SshAccess>;

/** How the keys of one account in one guest stand. `in_step`: as they shall be. */
export const GuestKeysState = z
  .enum(['in_step', 'pending', 'unreachable', 'failed', 'no_user'])
  .meta({ id: 'GuestKeysState' });
export type GuestKeysState = z.infer<typeof GuestKeysState>;

/** Whose keys an instance shall have, in which accounts, and what it has. */
export const InstanceSshKeys = z
  .object({
    access: z.object({
      users: z.array(z.string()).nullable().describe('As set; null: root and the default user of its image.'),
      from: z.enum(['instance', 'project', 'default']),
    }),
    users: z.array(
      z.object({
        user: z.string(),
        state: GuestKeysState,
        reason: z.string().nullable().describe('Why it is not in step.'),
        since: Timestamp,
        checkedAt: Timestamp.nullable().describe('When its file was looked at last.'),
      }),
    ),
    keys: z.array(
      z.object({
        fingerprint,
        type: z.string(),
        comment: z.string(),
        person: z.object({ id: Id, name: z.string() }),
        state: z
          .enum(['in_step', 'pending', 'leaving'])
          .describe('`leaving`: it shall not be there any more, and still is.'),
        users: z.array(z.string()).describe('The accounts that it is in now.'),
      }),
    ),
  })
  .meta({ id: 'InstanceSshKeys' });
export type InstanceSshKeys = z.infer<typeof InstanceSshKeys>;
