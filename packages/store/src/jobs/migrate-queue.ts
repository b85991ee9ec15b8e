import { Logger, runMigrations } from 'graphile-worker';
import type { Store } from '../connect-store.ts';

/** The schema that graphile-worker's migrations fill. */
export const queueSchema = 'graphile_worker';

/** Brings the job queue's schema up to the pinned graphile-worker. Called with the migration lock held. */
export async function migrateQueue(store: Store): Promise<void> {
  const logger = new Logger(() => (level, message) => {
    store.log.debug({ level, queue: message }, 'job queue migration');
  });
  await runMigrations({ pgPool: store.pool, schema: queueSchema, logger });
}
