import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './index.ts';
import { createListener, type ListenCallbacks, type Listening } from './listener.ts';
import type { Log } from './log.ts';
import { connectPatiently, createPool } from './patient-pool.ts';
import { messageOf, systemCodeOf } from './store-error.ts';

/** What {@link connectStore} needs. */
export interface ConnectStoreOptions {
  /** `postgresql://…`, over TCP or a unix socket. */
  readonly url: string;
  /** Connections at most, the listening one not counted. Default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. Default `longshore`. */
  readonly applicationName?: string;
  /** How long a statement waits for a database that is restarting. Default 10 s. */
  readonly connectPatienceMs?: number;
  readonly log: Log;
}

/** The database, or a transaction in it: what a statement function takes. */
export type Query = Kysely<Database> | Transaction<Database>;

/** One database. It survives the database's restarts: broken connections are replaced. */
export interface Store {
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
  /** Two connections for heart-beats, which must not wait behind a pool that is busy. */
  readonly vital: Kysely<Database>;
  readonly log: Log;
  /**
   * Runs `fn` in one transaction (READ COMMITTED). After a deadlock or a serialisation failure it runs again,
   * up to four times in all: `fn` must have no effect outside the database.
   */
  transaction<T>(fn: (trx: Transaction<Database>) => Promise<T>): Promise<T>;
  /** Subscribes to a channel. Lost connections are made again, after which `onReconnect` is called. */
  listen(channel: string, callbacks: ListenCallbacks | ListenCallbacks['onNotify']): Promise<Listening>;
  /** Sends a notification; inside a transaction pass `trx`, and it leaves with the commit. */
  notify(channel: string, payload: string, query?: Query): Promise<void>;
  /** A connection from the pool for what Kysely cannot do (COPY, session locks). Release it. */
  connect(): Promise<pg.PoolClient>;
  /** Whether the database answers within two seconds. Never throws. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

const defaultPoolSize = 10;
const defaultPatienceMs = 10_000;
const vitalPoolSize = 2;
/** A heart-beat that is late is better given up and sent anew. */
const vitalPatienceMs = 1000;
const healthTimeoutMs = 2000;
const transactionAttempts = 4;

/**
 * Opens a database. Nothing is connected yet: the first statement connects, and waits while the database starts.
 * A bigint comes back as a number (a larger one than 2^53 throws), a timestamptz as a Date.
 */
export function connectStore(options: ConnectStoreOptions): Store {
  const { url, log } = options;
  const applicationName = options.applicationName ?? 'longshore';
  const patienceMs = options.connectPatienceMs ?? defaultPatienceMs;
  const size = options.poolSize ?? defaultPoolSize;
  const pool = createPool({ url, size, applicationName, log });
  const vitalPool = createPool({
    url,
    size: vitalPoolSize,
    applicationName: `${applicationName} vital`,
    log,
  });
  const connect = () => connectPatiently(pool, patienceMs);
  const db = kyselyOver(pool, connect);
  const vital = kyselyOver(vitalPool, () => connectPatiently(vitalPool, vitalPatienceMs));
  const listener = createListener({ url, applicationName: `${applicationName} listen`, log });
  let closed: Promise<void> | undefined;

  const transaction: Store['transaction'] = async (fn) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await db.transaction().execute(fn);
      } catch (error) {
        if (attempt === transactionAttempts || !isConflict(error)) throw error;
        log.debug({ error: messageOf(error), attempt }, 'transaction conflict; running it again');
      }
    }
  };

  return {
    db,
    pool,
    vital,
    log,
    transaction,
    connect,
    listen: (channel, callbacks) =>
      listener.listen(channel, typeof callbacks === 'function' ? { onNotify: callbacks } : callbacks),
    notify: async (channel, payload, query = db) => {
      await query
        .selectNoFrom(({ fn, val }) => fn('pg_notify', [val(channel), val(payload)]).as('sent'))
        .execute();
    },
    healthy: () => answersWithin(pool, healthTimeoutMs, log),
    close: () => {
      closed ??= listener
        .close()
        .then(() => Promise.all([db.destroy(), vital.destroy()]))
        // Kysely leaves a pool open that it never used itself.
        .then(() => Promise.all([pool, vitalPool].filter((each) => !each.ending).map((each) => each.end())))
        .then(() => undefined);
      return closed;
    },
  };
}

function kyselyOver(pool: pg.Pool, connect: () => Promise<pg.PoolClient>): Kysely<Database> {
  const patient = { connect, end: () => pool.end(), options: pool.options, Client: pg.Client };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: patient }) });
}

function isConflict(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === '40001' || code === '40P01';
}

async function answersWithin(pool: pg.Pool, timeoutMs: number, log: Log): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const timeout = setTimeout(() => timer.resolve(false), timeoutMs);
  const answer = pool.query('select 1').then(
    () => true,
    (error: unknown) => {
      log.debug({ error: messageOf(error) }, 'the database does not answer');
      return false;
    },
  );
  try {
    return await Promise.race([answer, timer.promise]);
  } finally {
    clearTimeout(timeout);
  }
}
