import { type Store, sql } from '@longshore/store';
import { pruneAudit } from './audit/audit-retention.ts';

const EVERY_MS = 60_000;

/** Work that goes on beside the requests. */
export type Upkeep = Readonly<{ stop(): Promise<void> }>;

/** Removes what is over: sessions, challenges, logins under way, forgotten failures, SSH keys. Any process may do it at any time. */
export async function removeExpired(store: Store): Promise<void> {
  await sql`DELETE FROM sessions WHERE expires_at < now() OR last_seen_at < now() - interval '12 hours'`.execute(
    store.db,
  );
  await sql`DELETE FROM passkey_challenges WHERE expires_at < now()`.execute(store.db);
  await sql`DELETE FROM provider_logins WHERE expires_at < now()`.execute(store.db);
  await sql`DELETE FROM device_logins WHERE expires_at < now()`.execute(store.db);
  await sql`DELETE FROM login_failures WHERE forget_at < now()`.execute(store.db);
  await sql`DELETE FROM ssh_keys WHERE expires_at <= now()`.execute(store.db);
}

/** Runs the upkeep each minute until it is stopped. A run that fails is logged, and the next one tries again. */
export function startUpkeep(store: Store, refresh: () => Promise<number>): Upkeep {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    try {
      await removeExpired(store);
      await pruneAudit(store);
      while (!stopped && (await refresh()) > 0);
    } catch (error) {
      store.log.warn({ error }, 'the upkeep of logins failed; it is tried again in a minute');
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = run().finally(() => {
      busy = false;
    });
  }, EVERY_MS).unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
