import { type Database, type Store, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';

/** A place where somebody may log in, or with which keys, may have changed. */
export type ChangedPlace = Readonly<{ kind: 'fleet' | 'project' | 'host' | 'label'; scope: string }>;

/** Takes changes over, in the transaction that takes them away: they are kept by one of the two, whatever happens. */
export type TakeChanges = (trx: Transaction<Database>, places: readonly ChangedPlace[]) => Promise<void>;

const CHANNEL = 'login_key_changes';
const BATCH = 500;
/** For what a lost notification left behind. */
const LOOK_EVERY_MS = 30_000;

const Rows = z.array(z.object({ kind: z.enum(['fleet', 'project', 'host', 'label']), scope: z.string() }));

/** Hands every change on, once, by whichever process is there; until `stop`, which waits for what is under way. */
export async function followChanges(store: Store, take: TakeChanges): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    try {
      do {
        again = false;
        while (!stopped && (await takeBatch(store, take)) === BATCH);
      } while (again && !stopped);
    } catch (error) {
      store.log.warn({ error }, 'changes of login keys could not be handed on; the next look tries again');
    }
  };
  const look = (): void => {
    again = true;
    if (stopped || running !== undefined) return;
    running = drain().finally(() => {
      running = undefined;
      // Between the last look of the loop and now.
      if (again && !stopped) setTimeout(look, 0);
    });
  };

  const listening = await store.listen(CHANNEL, { onNotify: look, onReconnect: look });
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

function takeBatch(store: Store, take: TakeChanges): Promise<number> {
  return store.transaction(async (trx) => {
    const { rows } = await sql`
      DELETE FROM login_key_changes WHERE seq IN (
        SELECT seq FROM login_key_changes ORDER BY seq LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING kind, scope`.execute(trx);
    const places = Rows.parse(rows);
    const distinct = new Map(places.map((place) => [`${place.kind} ${place.scope}`, place]));
    if (distinct.size > 0) await take(trx, [...distinct.values()]);
    return places.length;
  });
}
