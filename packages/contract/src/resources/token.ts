import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { PERMISSIONS } from '../permissions.ts';

const scopes = [
  ...PERMISSIONS,
  '*',
  ...new Set(PERMISSIONS.map((p) => `${p.slice(0, p.indexOf(':'))}:*`)),
] as [string, ...string[]];

/** A permission, all of a room (`instances:*`), or all (`*`). */
export const Scope = z.enum(scopes).meta({ id: 'Scope' });

/** A bearer token; the secret itself is shown once and kept only as a hash. */
export const Token = z
  .object({
    id: Id,
    name: z.string(),
    scopes: z.array(Scope),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const TokenCreation = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^\p{C}]+$/u, 'no control characters'),
    scopes: z.array(Scope).min(1).max(32),
    expiresAt: Timestamp.nullable().default(null),
  })
  .meta({ id: 'TokenCreation' });
export type TokenCreation = z.infer<typeof TokenCreation>;

export const NewToken = Token.extend({ secret: z.string() }).meta({ id: 'NewToken' });
export type NewToken = z.infer<typeof NewToken>;

/** The code of a one-time set-up link. */
export const SetupRedemption = z
  .strictObject({ code: z.string().min(1).max(100) })
  .meta({ id: 'SetupRedemption' });
export type SetupRedemption = z.infer<typeof SetupRedemption>;
