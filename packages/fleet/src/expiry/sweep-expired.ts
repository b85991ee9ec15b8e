import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { powerInstance } from '../instances/power-instance.ts';
import '../instances/instances-table.ts';

/** Days before its end that the owners of an instance are warned, the later first. */
const WARNINGS = [1, 7] as const;
/** As many in one sweep: each is an operation, and the next sweep comes in a minute. */
const BATCH = 200;
/** What could not be stopped is tried again, but not every minute. */
const RETRY_AFTER = '1 hour';

const Expired = z.object({ id: z.string() });

/**
 * Warns the owners of instances whose time is almost over, and stops those whose time is: by an operation like anyone
 * else's, asked for by `longshore`. Nothing is ever deleted. Several processes may sweep at once.
 */
export async function sweepExpired(context: FleetContext): Promise<void> {
  await warn(context);
  for (const id of await expired(context)) {
    try {
      await powerInstance(
        context,
        { id, action: 'stop', force: false, timeoutSeconds: 120 },
        { name: 'longshore' },
      );
    } catch (error) {
      // Busy, gone, or its host closed meanwhile: the next sweep looks again.
      if (!(error instanceof LongshoreError)) throw error;
      context.log.debug({ err: error, instance: id }, 'an expired instance cannot be stopped now');
    }
  }
}

/** One event per instance and warning; both are one statement, so none is lost or told twice. */
async function warn(context: FleetContext): Promise<void> {
  for (const days of WARNINGS) {
    await sql`
      WITH warned AS (
        UPDATE instances SET expiry_warned = ${days}
        WHERE expires_at > now() AND expires_at <= now() + make_interval(days => ${days})
          AND (expiry_warned IS NULL OR expiry_warned > ${days}) AND claimed
        RETURNING id, host_id, name, project_id, labels, expires_at
      )
      SELECT outbox_add('instance.expiring', id::text, host_id, jsonb_build_object('name', name,
        'projectId', project_id, 'labels', labels, 'expiresAt', rfc3339(expires_at), 'days', ${days}::integer))
      FROM warned`.execute(context.store.db);
  }
}

async function expired(context: FleetContext): Promise<readonly string[]> {
  const { rows } = await sql`
    SELECT i.id::text FROM instances i
    WHERE i.expires_at <= now() AND i.claimed AND i.operation_id IS NULL
      AND i.status IN ('running', 'frozen', 'error')
      AND NOT EXISTS (SELECT FROM operations o
        WHERE o.target_id = i.id::text AND o.action = 'instance.power' AND o.requested_by = 'longshore'
          AND o.status = 'failed' AND o.created_at > now() - ${sql.lit(RETRY_AFTER)}::interval)
    ORDER BY i.expires_at LIMIT ${BATCH}`.execute(context.store.db);
  return z
    .array(Expired)
    .parse(rows)
    .map(({ id }) => id);
}
