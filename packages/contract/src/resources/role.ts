import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { PERMISSIONS, type Permission } from '../permissions.ts';

export const FLEET_ROLES = ['admin', 'auditor'] as const;
export const PART_ROLES = ['viewer', 'operator', 'admin'] as const;
export type FleetRole = (typeof FLEET_ROLES)[number];
export type PartRole = (typeof PART_ROLES)[number];

const VIEWER: readonly Permission[] = [
  'instances:read',
  'consoles:read',
  'operations:read',
  'events:read',
  'projects:read',
  'dns:read',
];
const OPERATOR: readonly Permission[] = [...VIEWER, 'instances:operate', 'consoles:open', 'operations:write'];

/** What a role on a project, a host or a label permits there. */
export const PART_ROLE_PERMISSIONS: Readonly<Record<PartRole, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: [
    ...OPERATOR,
    'instances:write',
    'instances:delete',
    'consoles:end',
    'projects:members',
    'dns:write',
  ],
};

/** What a role on the whole fleet permits. */
export const FLEET_ROLE_PERMISSIONS: Readonly<Record<FleetRole, readonly Permission[]>> = {
  admin: PERMISSIONS,
  auditor: PERMISSIONS.filter((permission) => permission.endsWith(':read')),
};

/** What everyone with any role may do on the whole fleet: look for an image to create from, and ask what runs here. */
export const EVERY_ROLE_PERMISSIONS: readonly Permission[] = ['images:read', 'server:read'];

/** Who: a person by name or identifier, or a group of an identity provider, such as `gitlab:infra`. */
export const Subject = z
  .strictObject({ kind: z.enum(['person', 'group']), name: z.string().trim().min(1).max(255) })
  .meta({ id: 'Subject' });
export type Subject = z.infer<typeof Subject>;

/** Where a role counts: the fleet, a project or a host by name or identifier, or instances with a label `key=value`. */
export const RoleScope = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fleet') }),
    z.strictObject({ kind: z.literal('project'), name: z.string().min(1).max(63) }),
    z.strictObject({ kind: z.literal('host'), name: z.string().min(1).max(63) }),
    z.strictObject({
      kind: z.literal('label'),
      name: z
        .string()
        .max(319)
        .regex(/^[a-z0-9][a-z0-9._/-]*=[^\p{C}]*$/u, 'write key=value'),
    }),
  ])
  .meta({ id: 'RoleScope' });
export type RoleScope = z.infer<typeof RoleScope>;

/** One role of one subject at one place. */
export const Binding = z
  .object({
    id: Id,
    subject: z
      .object({ kind: z.enum(['person', 'group', 'robot']), id: z.string(), name: z.string() })
      .describe('A robot is a token with roles in projects (`/v1/projects/{id}/tokens`).'),
    role: z.enum(['viewer', 'operator', 'admin', 'auditor']),
    scope: z.object({
      kind: z.enum(['fleet', 'project', 'host', 'label']),
      id: z.string(),
      name: z.string(),
    }),
    source: z.enum(['direct', 'group']).describe('`group`: given by a group of an identity provider.'),
    createdAt: Timestamp,
  })
  .meta({ id: 'Binding' });
export type Binding = z.infer<typeof Binding>;

const whole = { kind: 'fleet' } as const;

export const BindingCreation = z
  .strictObject({
    subject: Subject,
    role: z.enum(['viewer', 'operator', 'admin', 'auditor']),
    scope: RoleScope.default(whole),
  })
  .refine(
    ({ role, scope }) =>
      scope.kind === 'fleet' ? role === 'admin' || role === 'auditor' : role !== 'auditor',
    'on the fleet one is admin or auditor; on a project, host or label viewer, operator or admin',
  )
  .meta({ id: 'BindingCreation' });
export type BindingCreation = z.infer<typeof BindingCreation>;

/** A member of a project. */
export const MemberCreation = z
  .strictObject({ subject: Subject, role: z.enum(PART_ROLES) })
  .meta({ id: 'MemberCreation' });
export type MemberCreation = z.infer<typeof MemberCreation>;

/** What who asks may do, and where. */
export const MyAccess = z
  .object({
    permissions: z.array(z.enum(PERMISSIONS)).describe('On the whole fleet.'),
    parts: z
      .array(
        z.object({
          kind: z.enum(['project', 'host', 'label']),
          id: z.string(),
          name: z.string(),
          permissions: z.array(z.enum(PERMISSIONS)),
        }),
      )
      .describe('On parts of it, beyond that.'),
  })
  .meta({ id: 'MyAccess' });
export type MyAccess = z.infer<typeof MyAccess>;
