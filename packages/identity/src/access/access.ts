import {
  EVERY_ROLE_PERMISSIONS,
  FLEET_ROLE_PERMISSIONS,
  PART_ROLE_PERMISSIONS,
  type PartRole,
  type Permission,
  scopesPermit,
} from '@longshore/contract';
import type { Store } from '@longshore/store';
import type { Principal } from '../principal.ts';
import './bindings-table.ts';

/** A part of the fleet that somebody has a role on. */
export type AccessPart = Readonly<{
  kind: 'project' | 'host' | 'label';
  /** Identifier of the project or host, `KEY=VALUE` of the label. */
  id: string;
  permissions: readonly Permission[];
}>;

/** The parts on which somebody has a permission; `requesterId` is who asks. */
export type AccessReach =
  | 'all'
  | Readonly<{
      projects: readonly string[];
      hosts: readonly string[];
      labels: readonly string[];
      requesterId: string;
    }>;

/** What somebody may do, and where. It is of one moment: nothing of it is kept beyond a request. */
export type Access = Readonly<{
  /** On the whole fleet. */
  permits(permission: Permission): boolean;
  /** On the whole fleet or some part of it. */
  permitsSomewhere(permission: Permission): boolean;
  /** On a project; null: on what belongs to none, which is the fleet's. */
  permitsOn(permission: Permission, projectId: string | null): boolean;
  reach(permission: Permission): AccessReach;
  parts: readonly AccessPart[];
}>;

/** A role at a place, as the table has it. */
export type Grant = Readonly<{
  role: 'viewer' | 'operator' | 'admin' | 'auditor';
  scope_kind: 'fleet' | 'project' | 'host' | 'label';
  scope: string;
}>;

/**
 * What a principal may do now. A robot has the scopes of its token on the whole fleet, or roles in projects. A person has
 * the roles given to them, narrowed by the scopes and projects of their token; who is pending has none. One indexed query,
 * for who has roles only: kept longer, a role that was taken away would live on in some process.
 */
export async function accessOf(store: Store, principal: Principal): Promise<Access> {
  const { personId, tokenScopes } = principal;
  if (personId === null) {
    if (tokenScopes === null || tokenScopes.length > 0 || principal.tokenId === null)
      return accessOfRobot(principal);
    const roles = await grantsOf(store, 'robot', principal.tokenId);
    return accessOfGrants(roles, { id: principal.id, tokenScopes: null, tokenProjects: null });
  }
  if (principal.status === 'pending') return accessOfGrants([], principal);
  return accessOfGrants(await grantsOf(store, 'person', personId), principal);
}

function grantsOf(store: Store, kind: 'person' | 'robot', subject: string): Promise<readonly Grant[]> {
  return store.db
    .selectFrom('bindings')
    .select(['role', 'scope_kind', 'scope'])
    .where('subject_kind', '=', kind)
    .where('subject', '=', subject)
    .execute();
}

function accessOfRobot({ tokenScopes }: Principal): Access {
  const permits = (permission: Permission): boolean => scopesPermit(tokenScopes ?? [], permission);
  return {
    permits,
    permitsSomewhere: permits,
    permitsOn: permits,
    reach: (permission) => (permits(permission) ? 'all' : NOWHERE),
    parts: [],
  };
}

const NOWHERE: AccessReach = { projects: [], hosts: [], labels: [], requesterId: '' };

/** The access that roles give, narrowed by the scopes and projects of a token. Pure. */
export function accessOfGrants(
  given: readonly Grant[],
  { id, tokenScopes, tokenProjects }: Pick<Principal, 'id' | 'tokenScopes' | 'tokenProjects'>,
): Access {
  const grants = tokenProjects === null ? given : given.flatMap((each) => within(tokenProjects, each));
  const narrow = (permissions: Iterable<Permission>): readonly Permission[] =>
    [...permissions].filter((each) => tokenScopes === null || scopesPermit(tokenScopes, each));
  const whole = new Set(narrow(grants.length === 0 ? [] : EVERY_ROLE_PERMISSIONS));
  const parts = new Map<string, AccessPart>();
  for (const { role, scope_kind: kind, scope } of grants) {
    if (kind === 'fleet') {
      if (role === 'admin' || role === 'auditor') {
        for (const each of narrow(FLEET_ROLE_PERMISSIONS[role])) whole.add(each);
      }
    } else if (role !== 'auditor') {
      const key = `${kind} ${scope}`;
      const permissions = new Set([
        ...(parts.get(key)?.permissions ?? []),
        ...narrow(permissionsOf(kind, role)),
      ]);
      parts.set(key, { kind, id: scope, permissions: [...permissions] });
    }
  }
  const all = [...parts.values()];
  const permits = (permission: Permission): boolean => whole.has(permission);
  const withPermission = (permission: Permission) =>
    all.filter((part) => part.permissions.includes(permission));
  return {
    parts: all,
    permits,
    permitsSomewhere: (permission) => permits(permission) || withPermission(permission).length > 0,
    permitsOn: (permission, projectId) =>
      permits(permission) ||
      (projectId !== null &&
        withPermission(permission).some((part) => part.kind === 'project' && part.id === projectId)),
    reach(permission) {
      if (permits(permission)) return 'all';
      const of = (kind: AccessPart['kind']) =>
        withPermission(permission)
          .filter((part) => part.kind === kind)
          .map((part) => part.id);
      return { projects: of('project'), hosts: of('host'), labels: of('label'), requesterId: id };
    },
  };
}

/** What is left of a role in some projects: one on the fleet is there what comes next to it in a project. */
function within(projects: readonly string[], grant: Grant): readonly Grant[] {
  const { role, scope_kind: kind, scope } = grant;
  if (kind === 'project') return projects.includes(scope) ? [grant] : [];
  if (kind !== 'fleet') return [];
  const there = role === 'admin' ? 'admin' : 'viewer';
  return projects.map((project) => ({ role: there, scope_kind: 'project', scope: project }));
}

/** Only a project has members and zones: on a host or a label there is nobody to let in, and no name of its own. */
function permissionsOf(kind: AccessPart['kind'], role: PartRole): readonly Permission[] {
  const permissions = PART_ROLE_PERMISSIONS[role];
  return kind === 'project' ? permissions : permissions.filter((each) => !/^(?:projects|dns):/.test(each));
}
