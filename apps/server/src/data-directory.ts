import { accessSync, constants, mkdirSync } from 'node:fs';
import { ConfigurationError } from './configuration.ts';

/**
 * Makes the data folder (0711: an unprivileged PostgreSQL has to pass through it, and nobody else can look into it).
 * @throws ConfigurationError where it cannot be written.
 */
export function prepareDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o711 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `LONGSHORE_DATA: ${path} cannot be written (${reason}); choose another folder or mend its rights`,
    );
  }
}
