import type { JobHandler } from '@longshore/store';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { deliverKeys } from './deliver-keys.ts';
import { LOOK_AGAIN_AFTER } from './guest-keys-rows.ts';

const Payload = z.object({ id: z.uuid() });
/** Of the jobs of a process; the others are for what people wait for. */
const AT_ONCE = 32;
const BUSY_PAUSE_MS = 200;

/** Looks at the keys of one guest. */
export function guestKeysJob(context: FleetContext): JobHandler {
  let running = 0;
  return async (payload, run) => {
    if (running >= AT_ONCE) return { againAfterMs: BUSY_PAUSE_MS };
    running += 1;
    try {
      return await deliverKeys(context, Payload.parse(payload).id, run);
    } finally {
      running -= 1;
    }
  };
}

/** A host is back: its guests that lack something are looked at now. */
export async function wakeGuestsOf({ store }: FleetContext, hostId: string): Promise<void> {
  await sql`
    INSERT INTO guest_key_changes (kind, scope)
    SELECT DISTINCT 'instance', i.id::text FROM guest_keys k JOIN instances i ON i.id = k.instance_id
    WHERE i.host_id = ${hostId} AND k.state IN ('unreachable', 'failed', 'pending')`.execute(store.db);
  await sql`SELECT pg_notify('guest_key_changes', '')`.execute(store.db);
}

/** Has guests looked at that were not for long: somebody may have undone something inside. Some at a time. */
export async function sweepGuestKeys({ store }: FleetContext): Promise<void> {
  await sql`
    WITH old AS (
      INSERT INTO guest_key_changes (kind, scope)
      SELECT 'instance', instance_id::text FROM guest_keys
      WHERE checked_at < now() - ${sql.lit(LOOK_AGAIN_AFTER)}::interval GROUP BY instance_id LIMIT 500
      RETURNING 1)
    SELECT pg_notify('guest_key_changes', '') FROM old LIMIT 1`.execute(store.db);
}
