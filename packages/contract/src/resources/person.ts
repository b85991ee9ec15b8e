import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { PERMISSIONS } from '../permissions.ts';

/** What a person logs in with: 2 to 64 lower-case letters, digits, dots, underscores and hyphens. */
export const PersonName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])$/,
    'use 2 to 64 letters, digits, dots, underscores and hyphens; start and end with a letter or digit',
  )
  .meta({ id: 'PersonName' });

/** What a person is called in lists. */
export const DisplayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}]+$/u, 'no control characters');

/** At least 12 characters, nothing else asked (NIST SP 800-63B, 3.1.1.2); long enough for any phrase. */
export const Password = z.string().min(12, 'use at least 12 characters').max(256);

export const PersonStatus = z
  .enum(['pending', 'active', 'blocked'])
  .describe('`pending` waits for an administrator; `blocked` was shut out by one.');
export type PersonStatus = z.infer<typeof PersonStatus>;

/** A person's account, as administrators see it. */
export const Person = z
  .object({
    id: Id,
    name: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    status: PersonStatus,
    createdAt: Timestamp,
    createdBy: z.string(),
    approvedBy: z.string().nullable(),
    lastLoginAt: Timestamp.nullable(),
    hasPassword: z.boolean(),
    hasSecondFactor: z.boolean().describe('Codes by an authenticator app.'),
    passkeys: z.int(),
    sessions: z.int(),
    providers: z
      .array(z.object({ provider: z.string(), subject: z.string(), groups: z.array(z.string()) }))
      .describe('Accounts at identity providers, with the groups that these told of.'),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const PersonCreation = z
  .strictObject({ name: PersonName, displayName: DisplayName, password: Password })
  .meta({ id: 'PersonCreation' });
export type PersonCreation = z.infer<typeof PersonCreation>;

/** Who asks, and what that one may do. */
export const Me = z
  .object({
    kind: z.enum(['person', 'robot', 'set-up']),
    id: Id,
    name: z.string(),
    displayName: z.string(),
    status: PersonStatus,
    permissions: z.array(z.enum(PERMISSIONS)).describe('What is permitted on the whole fleet.'),
    person: Person.nullable().describe('Null for robots, and while the person is pending.'),
    sessionId: Id.nullable(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

/** A login that is in force. */
export const Session = z
  .object({
    id: Id,
    method: z.string().describe('`password`, `passkey`, `set-up` or `provider:NAME`.'),
    address: z.string(),
    userAgent: z.string(),
    createdAt: Timestamp,
    lastSeenAt: Timestamp,
    expiresAt: Timestamp,
    current: z.boolean(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** What WebAuthn's own functions take and give, as JSON (https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON). */
const WebAuthnOptions = z.record(z.string(), z.unknown());
const Base64Url = z
  .string()
  .max(65_536)
  .regex(/^[A-Za-z0-9_-]*$/);
const Transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

/** Options for the browser's `navigator.credentials`, and what to send back with its answer. */
export const PasskeyChallenge = z
  .object({ challengeId: Id, options: WebAuthnOptions })
  .meta({ id: 'PasskeyChallenge' });
export type PasskeyChallenge = z.infer<typeof PasskeyChallenge>;

const credential = {
  id: Base64Url.min(1).max(1400),
  rawId: Base64Url.min(1).max(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullable().optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).optional(),
};

/** A new passkey: `credential.toJSON()` of `navigator.credentials.create`. */
export const PasskeyRegistration = z
  .strictObject({
    challengeId: Id,
    name: DisplayName,
    response: z.object({
      ...credential,
      response: z.object({
        clientDataJSON: Base64Url,
        attestationObject: Base64Url,
        transports: z.array(Transport).max(16).optional(),
      }),
    }),
  })
  .meta({ id: 'PasskeyRegistration' });
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>;

/** A login by passkey: `credential.toJSON()` of `navigator.credentials.get`. */
export const PasskeyLogin = z
  .strictObject({
    challengeId: Id,
    response: z.object({
      ...credential,
      response: z.object({
        clientDataJSON: Base64Url,
        authenticatorData: Base64Url,
        signature: Base64Url,
        userHandle: Base64Url.nullable().optional(),
      }),
    }),
  })
  .meta({ id: 'PasskeyLogin' });
export type PasskeyLogin = z.infer<typeof PasskeyLogin>;

export const Passkey = z
  .object({ id: Id, name: z.string(), createdAt: Timestamp, lastUsedAt: Timestamp.nullable() })
  .meta({ id: 'Passkey' });
export type Passkey = z.infer<typeof Passkey>;

/** A login by name and password; `code` where a second factor is set, from the app or one of the recovery codes. */
export const PasswordLogin = z
  .strictObject({
    name: z.string().min(1).max(100),
    password: z.string().min(1).max(256),
    code: z.string().min(1).max(40).optional(),
  })
  .meta({ id: 'PasswordLogin' });
export type PasswordLogin = z.infer<typeof PasswordLogin>;

/** What an authenticator app is set up with; shown once. */
export const SecondFactorSetup = z
  .object({
    secret: z.string().describe('Base32, to type in.'),
    uri: z.string().describe('`otpauth://…`, to show as a QR code.'),
  })
  .meta({ id: 'SecondFactorSetup' });
export type SecondFactorSetup = z.infer<typeof SecondFactorSetup>;

/** Whether codes are asked for at a login by password, and how many recovery codes are left. */
export const SecondFactor = z
  .object({ enabled: z.boolean(), recoveryCodesLeft: z.int() })
  .meta({ id: 'SecondFactor' });
export type SecondFactor = z.infer<typeof SecondFactor>;

/** The own account at an identity provider: a way to log in. */
export const LinkedIdentity = z
  .object({
    id: Id,
    provider: z.object({ name: z.string(), title: z.string(), kind: z.enum(['oidc', 'gitlab']) }),
    subject: z.string().describe('Who one is there, by identifier.'),
    groups: z.array(z.string()),
  })
  .meta({ id: 'LinkedIdentity' });
export type LinkedIdentity = z.infer<typeof LinkedIdentity>;
