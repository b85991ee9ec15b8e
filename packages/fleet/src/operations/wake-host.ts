import { wakeJobs } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import { jobKeyOf } from './accept.ts';
import './operations-table.ts';

/** A host is back: what waits for its next try on it runs now. */
export async function wakeHost(context: FleetContext, hostId: string): Promise<void> {
  const waiting = await context.store.db
    .selectFrom('operations')
    .select('id')
    .where('host_id', '=', hostId)
    .where('status', 'in', ['queued', 'cancelling'])
    .where('failures', '>', 0)
    .execute();
  if (waiting.length > 0) {
    await wakeJobs(
      context.store.db,
      waiting.map(({ id }) => jobKeyOf(id)),
    );
  }
}
