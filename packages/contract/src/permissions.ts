/** What a token can be permitted; each route names exactly one. Scopes are these, `ROOM:*` or `*`. */
export const PERMISSIONS = [
  'hosts:read',
  'hosts:write',
  'instances:read',
  'instances:write',
  'instances:delete',
  'images:read',
  'images:write',
  'operations:read',
  'operations:write',
  'events:read',
  'tokens:read',
  'tokens:write',
  'server:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** True when one of the scopes covers the permission. */
export function scopesPermit(scopes: readonly string[], permission: Permission): boolean {
  const room = permission.slice(0, permission.indexOf(':'));
  return scopes.some((scope) => scope === '*' || scope === permission || scope === `${room}:*`);
}
