import { type MigrationSet, readMigrations } from '@longshore/store';

/** The tables of names; they need those of events and of the fleet first. */
export function dnsMigrations(): Promise<MigrationSet> {
  return readMigrations('dns', new URL('../migrations/', import.meta.url));
}
