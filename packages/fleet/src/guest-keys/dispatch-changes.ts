import { createHash } from 'node:crypto';
import { addJob, type Database, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { instanceAtAnyOf } from './instance-at.ts';
import { GUEST_KEYS_CHANNEL } from './request-guest-keys.ts';

/** Job name of one look at the keys of a guest. */
export const GUEST_KEYS_JOB = 'guest-keys';

const BATCH = 200;
/** For what a lost notification left behind. */
const LOOK_EVERY_MS = 30_000;
/** Guests of one host that are looked into at the same time: a command in each is what it costs. */
const LANES_PER_HOST = 4;
/** What a person waits for goes first. */
const PRIORITY = 10;

const Changes = z.array(
  z.object({ kind: z.enum(['instance', 'fleet', 'project', 'host', 'label']), scope: z.string() }),
);
const Guests = z.array(z.object({ id: z.string(), host_id: z.string() }));

/**
 * Makes one job for each guest that a change is about, by whichever process is there; until `stop`, which waits for what
 * is under way. A guest whose job waits already gets no second one.
 */
export async function startDispatch({ store, log }: FleetContext): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    try {
      do {
        again = false;
        while (!stopped && (await store.transaction(dispatchBatch)) === BATCH);
      } while (again && !stopped);
    } catch (error) {
      log.warn({ err: error }, 'guests could not be told whose keys have changed; the next look tries again');
    }
  };
  const look = (): void => {
    again = true;
    if (stopped || running !== undefined) return;
    running = drain().finally(() => {
      running = undefined;
      if (again && !stopped) setTimeout(look, 0);
    });
  };

  const listening = await store.listen(GUEST_KEYS_CHANNEL, { onNotify: look, onReconnect: look });
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  look();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      listening.stop();
      await running;
    },
  };
}

/** Takes some changes away and adds the jobs that come of them, both or neither. */
async function dispatchBatch(trx: Transaction<Database>): Promise<number> {
  const { rows } = await sql`
    DELETE FROM guest_key_changes WHERE seq IN (
      SELECT seq FROM guest_key_changes ORDER BY seq LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING kind, scope`.execute(trx);
  const changes = Changes.parse(rows);
  if (changes.length === 0) return 0;
  // Always in the same order: two processes that dispatch at once never wait for each other crosswise.
  const found = await sql`
    SELECT i.id, i.host_id FROM instances i
    WHERE i.claimed AND ${instanceAtAnyOf(changes)}
      AND (i.status = 'running' OR EXISTS (SELECT FROM guest_keys k WHERE k.instance_id = i.id))
    ORDER BY i.id`.execute(trx);
  for (const { id, host_id: hostId } of Guests.parse(found.rows)) {
    const lane = createHash('sha1').update(id).digest().readUInt32BE(0) % LANES_PER_HOST;
    await addJob(
      trx,
      GUEST_KEYS_JOB,
      { id },
      { key: `${GUEST_KEYS_JOB}:${id}`, queue: `host:${hostId}:keys:${lane}`, priority: PRIORITY },
    );
  }
  return changes.length;
}
