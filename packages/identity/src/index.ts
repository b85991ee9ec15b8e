import { type MigrationSet, readMigrations } from '@longshore/store';

export { type Access, type AccessPart, type AccessReach, accessOf } from './access/access.ts';
export {
  createBinding,
  deleteBinding,
  deleteBindingsAt,
  listBindings,
  type PlacedBinding,
  readBinding,
} from './access/bindings.ts';
export { pruneAudit, readAuditSettings, updateAuditSettings } from './audit/audit-retention.ts';
export { type AuditChoice, exportAudit, listAudit } from './audit/read-audit.ts';
export { type AuditRecord, recordAudit } from './audit/record-audit.ts';
export { createIdentity, type Identity, type IdentityOptions } from './identity.ts';
export type { NewSession, Origin } from './login/sessions.ts';
export type { Asker } from './people/change-people.ts';
export { connectionKeyOf, NOBODY, type Principal } from './principal.ts';
export type { ProviderLogin } from './providers/provider-login.ts';
export { sealedColumns } from './sealed-columns.ts';
export type { FirstStart } from './setup.ts';
export type { ChangedPlace, TakeChanges } from './ssh-keys/follow-changes.ts';
export {
  type FleetAdminKeys,
  keysForPlace,
  type LoginKey,
  type LoginPlace,
} from './ssh-keys/keys-for-place.ts';
export type { SshKeys } from './ssh-keys/ssh-keys.ts';
export {
  createToken,
  type NewTokenOptions,
  type PlacedRole,
  type PlacedToken,
  revokeProjectToken,
} from './tokens.ts';
export type { Upkeep } from './upkeep.ts';

/** The migrations of this room, for `migrate`. */
export function identityMigrations(): Promise<MigrationSet> {
  return readMigrations('identity', new URL('../migrations/', import.meta.url));
}
