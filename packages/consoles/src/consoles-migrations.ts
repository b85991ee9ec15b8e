import { type MigrationSet, readMigrations } from '@longshore/store';

/** The migrations of this room, for `migrate`; they come after those of the fleet. */
export function consolesMigrations(): Promise<MigrationSet> {
  return readMigrations('consoles', new URL('../migrations/', import.meta.url));
}
