import { sql } from 'kysely';
import type { Query } from '../connect-store.ts';

/**
 * Lets waiting jobs run now that were to run later, by their keys. Those that run already are left alone, so it never
 * makes a second run beside one under way. Inside a transaction it takes effect with the commit.
 */
export async function wakeJobs(query: Query, keys: readonly string[]): Promise<void> {
  await sql`
    with woken as (
      update graphile_worker._private_jobs set run_at = now(), updated_at = now()
      where key = any(${keys}::text[]) and locked_at is null and run_at > now()
      returning id
    )
    select pg_notify('jobs:insert', '') from woken limit 1`.execute(query);
}
