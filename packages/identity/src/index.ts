import { type MigrationSet, readMigrations } from '@longshore/store';

export { createIdentity, type Identity, type IdentityOptions } from './identity.ts';
export type { NewSession, Origin } from './login/sessions.ts';
export type { Asker } from './people/change-people.ts';
export { connectionKeyOf, NOBODY, type Principal } from './principal.ts';
export { sealedColumns } from './sealed-columns.ts';
export type { FirstStart } from './setup.ts';
export type { Upkeep } from './upkeep.ts';

/** The migrations of this room, for `migrate`. */
export function identityMigrations(): Promise<MigrationSet> {
  return readMigrations('identity', new URL('../migrations/', import.meta.url));
}
