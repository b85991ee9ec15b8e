import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Answer, ERRANDS_CHANNEL, type Question } from './errand.ts';

/** A host takes some tens of milliseconds; one under load some seconds. */
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

const Row = z.object({ reply: z.unknown(), body: z.instanceof(Buffer).nullable(), failure: z.unknown() });

/**
 * Asks a host something small that a person waits for. The process with the host's session does it, so that whoever
 * answers people needs no way to the hosts, and a host has one place that speaks to it.
 *
 * @throws LongshoreError what the host answered; `host-unreachable`, `host-quarantined` as its status says;
 * `unavailable` when no process took it in time
 */
export async function askHost(
  { store }: FleetContext,
  hostId: string,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const host = await store.db
    .selectFrom('hosts')
    .select(['name', 'status', 'status_reason'])
    .where('id', '=', hostId)
    .executeTakeFirst();
  if (host === undefined) throw new LongshoreError('not-found', `There is no host ${hostId}.`);
  if (host.status !== 'online') {
    const code = host.status === 'quarantined' ? 'host-quarantined' : 'host-unreachable';
    throw new LongshoreError(
      code,
      `Host ${host.name} is ${host.status} (${host.status_reason ?? 'no reason'}).`,
      {
        hint: 'Try again when it is online.',
      },
    );
  }
  const id = randomUUID();
  await sql`
    WITH asked AS (
      INSERT INTO host_errands (id, host_id, question)
      VALUES (${id}::uuid, ${hostId}::uuid, ${JSON.stringify(question)}::jsonb) RETURNING host_id)
    SELECT pg_notify(${ERRANDS_CHANNEL}, host_id::text) FROM asked`.execute(store.db);
  const begun = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const over = performance.now() - begun > PATIENCE_MS || signal.aborted;
    const { rows } = await sql`
      DELETE FROM host_errands WHERE id = ${id}::uuid AND (answered_at IS NOT NULL OR ${over})
      RETURNING reply, body, failure, answered_at IS NOT NULL AS answered`.execute(store.db);
    const row = rows[0] === undefined ? undefined : Row.extend({ answered: z.boolean() }).parse(rows[0]);
    if (row?.answered === true) {
      if (row.failure === null) return { reply: row.reply, body: row.body };
      throw errorOf(Failure.parse(row.failure));
    }
    if (row !== undefined || over) {
      throw new LongshoreError('unavailable', `Host ${host.name} could not be asked in time.`, {
        hint: 'Try again in a moment.',
      });
    }
    await delay(pauseMs);
  }
}

function errorOf({ code, message, hint }: Failure): LongshoreError {
  return new LongshoreError(code, message, hint === undefined ? {} : { hint });
}
