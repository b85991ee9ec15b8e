import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consolesMigrations } from '@longshore/consoles';
import { eventsMigrations } from '@longshore/events';
import { fleetMigrations } from '@longshore/fleet';
import { connectStore, migrate, type Store, silentLog, sql, startEmbeddedPostgres } from '@longshore/store';

/** The embedded PostgreSQL with the tables of the consoles, and instances that run as far as it knows. */
export type ConsoleDatabase = AsyncDisposable &
  Readonly<{ store: Store; url: string; instanceIds: readonly string[] }>;

/** Starts it in a folder of its own. */
export async function openConsoleDatabase(instances: number): Promise<ConsoleDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longshore-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'pg'), log: silentLog });
  const store = connectStore({ url: postgres.url, log: silentLog });
  await migrate(store, await Promise.all([eventsMigrations(), fleetMigrations(), consolesMigrations()]));
  const hostId = randomUUID();
  await sql`INSERT INTO hosts (id, name, kind, url, created_by, status)
    VALUES (${hostId}, 'h1', 'lxd', 'https://h1.test:8443', 'bench', 'online')`.execute(store.db);
  const { rows } = await sql<{ id: string }>`INSERT INTO instances (id, host_id, name, type, status)
    SELECT gen_random_uuid(), ${hostId}, 'i' || n, 'container', 'running' FROM generate_series(1, ${instances}::int) AS n
    RETURNING id`.execute(store.db);
  return {
    store,
    url: postgres.url,
    instanceIds: rows.map(({ id }) => id),
    async [Symbol.asyncDispose]() {
      await store.close();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
