import {
  EVERY_ROLE_PERMISSIONS,
  FLEET_ROLE_PERMISSIONS,
  FLEET_ROLES,
  PERMISSIONS,
  type Permission,
  scopesPermit,
} from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import { z } from 'zod';
import type { Principal } from '../principal.ts';

const Roles = z.array(z.object({ role: z.string(), scope_kind: z.string() }));

/**
 * What a principal may do on the whole fleet now: a robot what its token's scopes say, a person what the fleet-wide
 * roles say, as far as the token that is used narrows it. A pending person may do nothing.
 */
export async function fleetPermissions(query: Query, principal: Principal): Promise<ReadonlySet<Permission>> {
  if (principal.status === 'pending') return new Set();
  const { tokenScopes, personId } = principal;
  const narrowed = (permissions: readonly Permission[]) =>
    new Set(permissions.filter((each) => tokenScopes === null || scopesPermit(tokenScopes, each)));
  if (personId === null) return narrowed(PERMISSIONS);
  const { rows } = await sql`SELECT role, scope_kind FROM bindings
    WHERE subject_kind = 'person' AND subject = ${personId}`.execute(query);
  const bound = Roles.parse(rows);
  const given = FLEET_ROLES.filter((role) =>
    bound.some((each) => each.scope_kind === 'fleet' && each.role === role),
  );
  return narrowed([
    ...(bound.length > 0 ? EVERY_ROLE_PERMISSIONS : []),
    ...given.flatMap((role) => FLEET_ROLE_PERMISSIONS[role]),
  ]);
}
