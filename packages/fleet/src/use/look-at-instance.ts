import { setTimeout as delay } from 'node:timers/promises';
import { type InstanceUse, LongshoreError, UseSample } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';

/** Told with a host's identifier when somebody begins to look, or looks on. */
export const WATCHES_CHANNEL = 'instance_watches';
/** How often a host is asked. */
export const SAMPLE_EVERY_MS = 2_000;
/** How long after the last look it is still asked. */
const WATCHED_FOR = '30 seconds';
/** A look writes only when this little is left of the time: who polls each second costs a write each ten. */
const RENEWED_AT = '20 seconds';
/** Over the whole installation: 50 events a second, which leaves the outbox an hour to resume in (200,000 events). */
const MAX_WATCHES = 100;
const ASK_AGAIN_MS = 200;

const Watch = z.object({
  wanted_until: z.date(),
  sample: UseSample.nullable(),
  failure: z.string().nullable(),
  host: z.string(),
  host_status: z.string(),
});

/**
 * What an instance uses now, and the wish to be told of it further. With `waitSeconds`, waits for the first sample.
 *
 * @throws LongshoreError `not-found`; `unavailable` while too many are looked at
 */
export async function lookAtInstance(
  { store }: FleetContext,
  { id, waitSeconds, signal }: Readonly<{ id: string; waitSeconds: number; signal: AbortSignal }>,
): Promise<InstanceUse> {
  await wish(store, id);
  for (let waitedMs = 0; ; waitedMs += ASK_AGAIN_MS) {
    const watch = await readWatch(store, id);
    if (watch === null) throw new LongshoreError('not-found', `There is no instance ${id}.`);
    const failure =
      watch.host_status === 'online' ? watch.failure : `Host ${watch.host} is ${watch.host_status}.`;
    if (watch.sample !== null || failure !== null || waitedMs >= waitSeconds * 1000 || signal.aborted) {
      return {
        instanceId: id,
        everySeconds: SAMPLE_EVERY_MS / 1000,
        watchedUntil: watch.wanted_until.toISOString(),
        sample: watch.sample,
        failure,
      };
    }
    await delay(ASK_AGAIN_MS);
  }
}

async function wish(store: Store, id: string): Promise<void> {
  const { rows } = await sql<{ host_id: string | null; full: boolean }>`
    WITH present AS (
      SELECT (SELECT host_id FROM instances WHERE id = ${id}::uuid) AS host_id,
        NOT EXISTS (SELECT FROM instance_watches WHERE instance_id = ${id}::uuid)
          AND (SELECT count(*) FROM instance_watches WHERE wanted_until > now()) >= ${MAX_WATCHES} AS full
    ), written AS (
      INSERT INTO instance_watches AS w (instance_id, wanted_until)
      SELECT ${id}::uuid, now() + ${sql.lit(WATCHED_FOR)}::interval FROM present WHERE host_id IS NOT NULL AND NOT "full"
      ON CONFLICT (instance_id) DO UPDATE SET wanted_until = EXCLUDED.wanted_until,
        -- What was seen before a pause is old.
        sample = CASE WHEN w.wanted_until > now() THEN w.sample END,
        failure = CASE WHEN w.wanted_until > now() THEN w.failure END
        WHERE w.wanted_until < now() + ${sql.lit(RENEWED_AT)}::interval
      RETURNING true
    )
    SELECT host_id::text, "full",
      (SELECT pg_notify(${WATCHES_CHANNEL}, host_id::text) FROM written) AS told FROM present`.execute(
    store.db,
  );
  const row = rows[0];
  if (row === undefined || row.host_id === null) {
    throw new LongshoreError('not-found', `There is no instance ${id}.`);
  }
  if (!row.full) return;
  throw new LongshoreError('unavailable', `${MAX_WATCHES} instances are looked at already.`, {
    hint: 'Close a page that shows live use, and try again in a minute.',
  });
}

async function readWatch(store: Store, id: string): Promise<z.infer<typeof Watch> | null> {
  const { rows } = await sql`
    SELECT w.wanted_until, w.sample, w.failure, h.name AS host, h.status AS host_status
    FROM instance_watches w JOIN instances i ON i.id = w.instance_id JOIN hosts h ON h.id = i.host_id
    WHERE w.instance_id = ${id}::uuid`.execute(store.db);
  return rows[0] === undefined ? null : Watch.parse(rows[0]);
}
