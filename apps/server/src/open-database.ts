import { join } from 'node:path';
import { eventsMigrations } from '@longshore/events';
import { fleetMigrations } from '@longshore/fleet';
import { identityMigrations } from '@longshore/identity';
import {
  connectStore,
  type EmbeddedPostgres,
  type Log,
  migrate,
  type Store,
  startEmbeddedPostgres,
} from '@longshore/store';
import type { Configuration } from './configuration.ts';

/** The database of this process, ready for use. */
export type OpenDatabase = Readonly<{
  store: Store;
  embedded: EmbeddedPostgres | undefined;
  close(): Promise<void>;
}>;

/** Connects to the configured PostgreSQL, or starts the embedded one, and brings its tables up to this version. */
export async function openDatabase(
  configuration: Configuration,
  log: Log,
  applicationName: string,
): Promise<OpenDatabase> {
  const embedded =
    configuration.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: join(configuration.dataDir, 'pg'), log })
      : undefined;
  const url = embedded?.url ?? configuration.databaseUrl;
  if (url === undefined) throw new Error('no database: neither embedded nor by URL');
  const store = connectStore({ url, applicationName, log });
  const close = async () => {
    await store.close();
    await embedded?.stop();
  };
  try {
    await migrate(store, [await eventsMigrations(), await fleetMigrations(), await identityMigrations()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { store, embedded, close };
}
