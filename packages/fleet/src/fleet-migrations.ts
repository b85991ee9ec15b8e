import { type MigrationSet, readMigrations } from '@longshore/store';

/** The fleet's tables; they need those of events first. */
export function fleetMigrations(): Promise<MigrationSet> {
  return readMigrations('fleet', new URL('../migrations/', import.meta.url));
}
