import { join } from 'node:path';
import { consolesMigrations } from '@longshore/consoles';
import { dnsMigrations } from '@longshore/dns';
import { eventsMigrations } from '@longshore/events';
import { fleetMigrations } from '@longshore/fleet';
import { identityMigrations } from '@longshore/identity';
import {
  connectStore,
  type EmbeddedPostgres,
  embeddedPostgresUrl,
  type Log,
  migrate,
  type Store,
  StoreError,
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
  if (configuration.databaseUrl !== undefined)
    return connect(configuration.databaseUrl, undefined, log, applicationName);
  const embedded = await startEmbeddedPostgres({ dataDir: join(configuration.dataDir, 'pg'), log });
  return connect(embedded.url, embedded, log, applicationName);
}

/** The same for a command on the machine itself: where a server runs on its embedded PostgreSQL, beside it. */
export async function openDatabaseBeside(
  configuration: Configuration,
  log: Log,
  applicationName: string,
): Promise<OpenDatabase> {
  try {
    return await openDatabase(configuration, log, applicationName);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'postgres_data_in_use') throw error;
    return connect(embeddedPostgresUrl(join(configuration.dataDir, 'pg')), undefined, log, applicationName);
  }
}

async function connect(
  url: string,
  embedded: EmbeddedPostgres | undefined,
  log: Log,
  applicationName: string,
): Promise<OpenDatabase> {
  const store = connectStore({ url, applicationName, log });
  const close = async () => {
    await store.close();
    await embedded?.stop();
  };
  try {
    await migrate(store, [
      await eventsMigrations(),
      await fleetMigrations(),
      await identityMigrations(),
      await consolesMigrations(),
      await dnsMigrations(),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return { store, embedded, close };
}
