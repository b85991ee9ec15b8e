/** What a token can be permitted; each route names exactly one. Scopes are these, `ROOM:*` or `*`. */
export const PERMISSIONS = [
  'hosts:read',
  'hosts:write',
  'instances:read',
  'instances:operate',
  'instances:write',
  'instances:delete',
  'consoles:read',
  'consoles:open',
  'consoles:end',
  'images:read',
  'images:write',
  'operations:read',
  'operations:write',
  'events:read',
  'dns:read',
  'dns:write',
  'tokens:read',
  'tokens:write',
  'server:read',
  'people:read',
  'people:write',
  'providers:read',
  'providers:write',
  'projects:read',
  'projects:members',
  'projects:write',
  'roles:read',
  'roles:write',
  'audit:read',
  'audit:write',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Who may change an instance, or a project, may do the lesser thing, too. */
const INCLUDED_IN: Partial<Record<Permission, string>> = {
  'instances:operate': 'instances:write',
  'projects:members': 'projects:write',
};

/** True when one of the scopes covers the permission. */
export function scopesPermit(scopes: readonly string[], permission: Permission): boolean {
  const room = permission.slice(0, permission.indexOf(':'));
  const wider = INCLUDED_IN[permission];
  return scopes.some(
    (scope) => scope === '*' || scope === permission || scope === `${room}:*` || scope === wider,
  );
}
