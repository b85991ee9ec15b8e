import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.ts';
import { messageOf, StoreError, systemCodeOf } from './store-error.ts';

/** What {@link createPool} needs. */
export interface PoolOptions {
  readonly url: string;
  readonly size: number;
  readonly applicationName: string;
  readonly log: Log;
}

/**
 * After this long without a statement an open transaction is broken off by the server. A process that was
 * paused or cut off would otherwise hold its row locks, and so its jobs and leases, for as long as it likes.
 */
const idleInTransactionMs = 15_000;
const connectTimeoutMs = 10_000;
const idleConnectionMs = 60_000;

/** Codes of a server that is not there yet, restarting, or out of connections for a moment. */
const passingCodes = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P03', // cannot_connect_now
  '57P01', // admin_shutdown
  '53300', // too_many_connections
]);

/** Whether an error of connecting may pass by itself. */
export function isPassingConnectError(error: unknown): boolean {
  const code = systemCodeOf(error);
  if (code !== undefined) return passingCodes.has(code);
  return /Connection terminated|timeout/i.test(messageOf(error));
}

const int8Oid = 20;

/** bigint columns as numbers: none of ours passes 2^53, and one that did must not be rounded in silence. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is too large for a number`);
  return value;
}

const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === int8Oid && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format),
};

/** Connection settings that the pool and the listener have in common. */
export function clientConfig(options: Pick<PoolOptions, 'url' | 'applicationName'>): pg.ClientConfig {
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    types: typeParsers,
  };
}

/** A pool of connections that drops broken ones and never crashes the process for them. */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: options.size,
    idleTimeoutMillis: idleConnectionMs,
  });
  const idleFailed = (error: Error) => {
    options.log.debug({ error: messageOf(error) }, 'an idle database connection broke; the pool replaces it');
  };
  pool.on('error', idleFailed);
  // A client in use fails the statement it runs, whose caller hears of it; without a listener it would throw.
  pool.on('connect', (client) => client.on('error', idleFailed));
  return pool;
}

/**
 * A connection from the pool. Connecting has no effect, so it is tried again while the database restarts
 * (0.3 s after a kill -9, measured), up to the patience given.
 *
 * @throws StoreError `database_unreachable`, `store_closed`
 */
export async function connectPatiently(pool: pg.Pool, patienceMs: number): Promise<pg.PoolClient> {
  const deadlineMs = performance.now() + patienceMs;
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    try {
      return await pool.connect();
    } catch (error) {
      if (pool.ended || pool.ending) {
        throw new StoreError('store_closed', 'The store is closed.', { cause: error });
      }
      if (!isPassingConnectError(error)) throw error;
      if (performance.now() + pauseMs > deadlineMs) {
        throw new StoreError(
          'database_unreachable',
          `PostgreSQL cannot be reached (${messageOf(error)}). Check that it runs and that DATABASE_URL is right.`,
          { cause: error },
        );
      }
      await delay(pauseMs);
    }
  }
}
