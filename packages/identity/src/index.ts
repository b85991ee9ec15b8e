import { type MigrationSet, readMigrations } from '@longshore/store';

export { createIdentity, type Identity } from './identity.ts';
export type { FirstStart } from './setup.ts';
export type { Bearer } from './tokens.ts';

/** The migrations of this room, for `migrate`. */
export function identityMigrations(): Promise<MigrationSet> {
  return readMigrations('identity', new URL('../migrations/', import.meta.url));
}
