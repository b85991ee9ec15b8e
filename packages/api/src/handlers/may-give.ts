import { LongshoreError, PERMISSIONS, type Permission, scopesPermit } from '@longshore/contract';
import type { Principal } from '@longshore/identity';
import { denied, type Permits } from '../authenticate.ts';
import type { Asking } from '../require-on.ts';

/**
 * A token can do no more, and live no longer, than who made it.
 * @throws LongshoreError `permission-denied`
 */
export function mayGive(
  principal: Principal,
  permits: Permits,
  scopes: readonly string[],
  expiresAt: string | null,
): void {
  for (const scope of scopes) {
    if (coveredByToken(principal.tokenScopes, scope) && permissionsIn(scope).every(permits)) continue;
    throw new LongshoreError('permission-denied', `"${principal.name}" cannot give the scope ${scope}.`, {
      hint: 'Only what the asker has can be given.',
    });
  }
  mayOutlive(principal, expiresAt);
}

/** @throws LongshoreError `permission-denied` for what would live longer than the token that asks */
export function mayOutlive(principal: Principal, expiresAt: string | null): void {
  if (principal.expiresAt === null) return;
  if (expiresAt === null || Date.parse(expiresAt) > Date.parse(principal.expiresAt)) {
    throw new LongshoreError(
      'permission-denied',
      `The token of "${principal.name}" expires at ${principal.expiresAt}.`,
      { hint: 'Give the new token an earlier end (`expiresAt`).' },
    );
  }
}

/**
 * Nobody gives, or takes away, a role that permits more than they may do themselves.
 * @throws LongshoreError `permission-denied`
 */
export function mayGrant(
  { principal }: Asking,
  permissions: readonly Permission[],
  permits: (permission: Permission) => boolean,
): void {
  const missing = permissions.find((permission) => !permits(permission));
  if (missing !== undefined) throw denied(principal, `to give or take what permits ${missing}`);
}

function permissionsIn(scope: string) {
  return PERMISSIONS.filter((permission) => scopesPermit([scope], permission));
}

/** `*` is only in `*`: it has what will be added as well. */
function coveredByToken(own: readonly string[] | null, scope: string): boolean {
  if (own === null || own.includes('*') || own.includes(scope)) return true;
  const covered = permissionsIn(scope);
  return scope !== '*' && covered.length > 0 && covered.every((each) => scopesPermit(own, each));
}
