import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { PERMISSIONS } from '../permissions.ts';
import { ProjectReference } from './project.ts';
import { PART_ROLES } from './role.ts';

const scopes = [
  ...PERMISSIONS,
  '*',
  ...new Set(PERMISSIONS.map((p) => `${p.slice(0, p.indexOf(':'))}:*`)),
] as [string, ...string[]];

/** A permission, all of a room (`instances:*`), or all (`*`). */
export const Scope = z.enum(scopes).meta({ id: 'Scope' });

const ProjectName = z.object({ id: Id, name: z.string() });

/** A bearer token; the secret itself is shown once and kept only as a hash. */
export const Token = z
  .object({
    id: Id,
    name: z.string(),
    scopes: z
      .array(Scope)
      .describe('Of a robot: on the whole fleet; empty for one that has roles in projects.'),
    roles: z
      .array(z.object({ project: ProjectName, role: z.enum(PART_ROLES) }))
      .describe('Of a robot: its roles in projects, of which only those are shown that the asker may see.'),
    projects: z
      .array(ProjectName)
      .nullable()
      .describe('Of a person: the only projects in which the token may do anything; null for no such limit.'),
    createdAt: Timestamp,
    createdBy: z.string(),
    expiresAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable(),
    lastUsedFrom: z.string().nullable().describe('Address of its last use.'),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

const TokenName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}]+$/u, 'no control characters');
const Expiry = Timestamp.nullable().default(null);
const RobotRole = z.strictObject({ project: ProjectReference, role: z.enum(PART_ROLES) });

/** A robot's token: with scopes on the whole fleet, or with roles in projects. */
export const TokenCreation = z
  .strictObject({
    name: TokenName,
    scopes: z.array(Scope).max(32).default([]),
    roles: z.array(RobotRole).max(32).default([]),
    expiresAt: Expiry,
  })
  .refine(
    ({ scopes, roles }) => (scopes.length === 0) !== (roles.length === 0),
    'give either scopes on the fleet or roles in projects',
  )
  .meta({ id: 'TokenCreation' });
export type TokenCreation = z.infer<typeof TokenCreation>;

/** A robot's token with a role in one project, and in `also` in others. */
export const ProjectTokenCreation = z
  .strictObject({
    name: TokenName,
    role: z.enum(PART_ROLES),
    also: z.array(RobotRole).max(31).default([]),
    expiresAt: Expiry,
  })
  .meta({ id: 'ProjectTokenCreation' });
export type ProjectTokenCreation = z.infer<typeof ProjectTokenCreation>;

/** A person's own token, narrowed to scopes, and to projects where these are named. */
export const OwnTokenCreation = z
  .strictObject({
    name: TokenName,
    scopes: z.array(Scope).min(1).max(32),
    projects: z.array(ProjectReference).min(1).max(32).nullable().default(null),
    expiresAt: Expiry,
  })
  .meta({ id: 'OwnTokenCreation' });
export type OwnTokenCreation = z.infer<typeof OwnTokenCreation>;

export const NewToken = Token.extend({ secret: z.string() }).meta({ id: 'NewToken' });
export type NewToken = z.infer<typeof NewToken>;

/** The code of a one-time set-up link. */
export const SetupRedemption = z
  .strictObject({ code: z.string().min(1).max(100) })
  .meta({ id: 'SetupRedemption' });
export type SetupRedemption = z.infer<typeof SetupRedemption>;
