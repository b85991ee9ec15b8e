import { failureOf, LongshoreError } from '@longshore/contract';
import { type Listening, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import { type Answer, ERRANDS_CHANNEL, Question } from './errand.ts';
import { listLogs, readLog } from './instance-logs.ts';

/** Asks the hosts of this process what people wait for. */
export type Errands = Readonly<{
  start(): Promise<void>;
  /** Looks whether a question waits: this process has one more host. */
  wake(): void;
  stop(): Promise<void>;
}>;

/** At once in this process; the rest waits in its table. */
const AT_ONCE = 16;

const Row = z.object({ id: z.string(), host_id: z.string(), question: z.unknown() });

/** @param held the hosts that this process has a live session with */
export function createErrands(context: FleetContext, held: () => readonly string[]): Errands {
  const { store, log } = context;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let listening: Listening | undefined;

  const answer = async (question: Question, hostId: string): Promise<Answer> => {
    const { client, host } = await context.connections.client(hostId);
    try {
      switch (question.what) {
        case 'list-logs':
          return { reply: await listLogs(client, question, stopping.signal), body: null };
        case 'read-log':
          return { reply: null, body: await readLog(client, question, stopping.signal) };
      }
    } catch (error) {
      throw translateLxdError(error, host.name);
    }
  };

  const run = async (): Promise<void> => {
    for (;;) {
      const errand = await take();
      if (errand === null) return;
      try {
        const { reply, body } = await answer(Question.parse(errand.question), errand.host_id);
        await sql`UPDATE host_errands SET answered_at = now(), reply = ${JSON.stringify(reply)}::jsonb, body = ${body}
          WHERE id = ${errand.id}::uuid`.execute(store.db);
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!(error instanceof LongshoreError)) throw error;
        await sql`UPDATE host_errands SET answered_at = now(), failure = ${JSON.stringify(failureOf(error))}::jsonb
          WHERE id = ${errand.id}::uuid`.execute(store.db);
      }
    }
  };

  const take = async (): Promise<z.infer<typeof Row> | null> => {
    const hosts = [...held()];
    if (hosts.length === 0 || stopping.signal.aborted) return null;
    const { rows } = await sql`
      UPDATE host_errands SET taken_at = now() WHERE id = (
        SELECT id FROM host_errands WHERE taken_at IS NULL AND host_id = ANY (${hosts}::uuid[])
        ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id::text, host_id::text, question`.execute(store.db);
    return rows[0] === undefined ? null : Row.parse(rows[0]);
  };

  const wake = (): void => {
    if (running.size >= AT_ONCE || stopping.signal.aborted) return;
    const work = run()
      // The database: who waits is told in time, and asks again.
      .catch((error: unknown) => log.debug({ err: error }, 'an errand could not be run'))
      .finally(() => running.delete(work));
    running.add(work);
  };

  return {
    async start() {
      listening = await store.listen(ERRANDS_CHANNEL, {
        onNotify: (hostId) => {
          if (held().includes(hostId)) wake();
        },
        onReconnect: wake,
      });
      wake();
    },
    wake,
    async stop() {
      stopping.abort();
      listening?.stop();
      await Promise.all(running);
    },
  };
}
