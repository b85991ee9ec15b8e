import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.ts';
import { clientConfig, isPassingConnectError } from './patient-pool.ts';
import { messageOf, StoreError } from './store-error.ts';

/** Whom to tell about a channel. */
export interface ListenCallbacks {
  /** A notification came. At most 8000 bytes of text; send keys, not data. */
  readonly onNotify: (payload: string) => void;
  /** Listening works again after a gap in which notifications were lost: read everything anew. */
  readonly onReconnect?: () => void;
}

/** One subscription to a channel. */
export interface Listening {
  /** Ends it. Twice is harmless. */
  stop(): void;
}

/** All subscriptions of a store, over one connection of their own. */
export interface Listener {
  listen(channel: string, callbacks: ListenCallbacks): Promise<Listening>;
  close(): Promise<void>;
}

/** Between attempts to get the connection back; a restart of PostgreSQL takes a few tenths of a second. */
const firstPauseMs = 50;
const longestPauseMs = 2000;
/** A peer that vanished without closing shows only when it is asked something. */
const probeEveryMs = 15_000;
const probeTimeoutMs = 5000;

interface Connection {
  readonly client: pg.Client;
  /** One statement after the other: node-postgres deprecates to queue them inside the client. */
  run(statement: string): Promise<void>;
  /** Resolves with the reason once the connection is gone. */
  readonly lost: Promise<string>;
}

/** The listener of a store; it connects with the first subscription. */
export function createListener(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly log: Log;
}): Listener {
  const { log } = options;
  const subscriptions = new Map<string, Set<ListenCallbacks>>();
  const closing = new AbortController();
  let current: Connection | undefined;
  let connected = Promise.withResolvers<Connection>();
  let running: Promise<void> | undefined;

  const call = (what: () => void): void => {
    try {
      what();
    } catch (error) {
      log.error({ error }, 'a listener of a database channel threw');
    }
  };

  const dispatch = ({ channel, payload }: pg.Notification): void => {
    for (const each of subscriptions.get(channel) ?? []) call(() => each.onNotify(payload ?? ''));
  };

  const connectOnce = async (): Promise<Connection> => {
    const client = new pg.Client(clientConfig(options));
    const lost = new Promise<string>((resolve) => {
      // `on`, not `once`: an error event without a listener would end the process.
      client.on('error', (error) => resolve(messageOf(error)));
      client.on('end', () => resolve('connection closed'));
    });
    client.on('notification', dispatch);
    try {
      await client.connect();
      for (const channel of subscriptions.keys()) await client.query(listenTo(channel));
      return { client, lost, run: oneAtATime(client) };
    } catch (error) {
      await endQuietly(client);
      throw error;
    }
  };

  const connectAgain = async (): Promise<Connection | undefined> => {
    for (
      let pauseMs = firstPauseMs;
      !closing.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    ) {
      try {
        return await connectOnce();
      } catch (error) {
        log.debug({ error: messageOf(error) }, 'the listening database connection cannot be made yet');
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined); // closed meanwhile
      }
    }
    return undefined;
  };

  const keepConnected = async (): Promise<void> => {
    for (let times = 0; ; times += 1) {
      const connection = await connectAgain();
      if (connection === undefined) return;
      current = connection;
      connected.resolve(connection);
      if (times > 0) {
        for (const each of [...subscriptions.values()].flatMap((set) => [...set])) {
          if (each.onReconnect) call(each.onReconnect);
        }
      }
      const reason = closing.signal.aborted ? 'closing' : await lossOf(connection);
      current = undefined;
      connected = Promise.withResolvers<Connection>();
      await endQuietly(connection.client);
      if (closing.signal.aborted) return;
      log.warn({ reason }, 'lost the listening database connection; connecting again');
    }
  };

  return {
    async listen(channel, callbacks) {
      if (closing.signal.aborted) throw new StoreError('store_closed', 'The store is closed.');
      const set = subscriptions.get(channel) ?? new Set();
      set.add(callbacks);
      subscriptions.set(channel, set);
      running ??= keepConnected();
      for (;;) {
        const connection = await Promise.race([connected.promise, aborted(closing.signal)]);
        try {
          // Twice on one channel is harmless, and cheaper than to keep account of what is listened to.
          await connection.run(listenTo(channel));
          break;
        } catch (error) {
          if (connection === current && !isPassingConnectError(error)) {
            set.delete(callbacks);
            throw error;
          }
          await delay(firstPauseMs); // the loop above notices the loss and connects again
        }
      }
      return {
        stop: () => {
          set.delete(callbacks);
        },
      };
    },
    async close() {
      closing.abort();
      subscriptions.clear();
      if (current) await endQuietly(current.client);
      await running;
    },
  };
}

function oneAtATime(client: pg.Client): Connection['run'] {
  let last: Promise<unknown> = Promise.resolve();
  return (statement) => {
    const mine = last.then(() => client.query(statement));
    last = mine.catch(() => undefined); // its own caller hears of it
    return mine.then(() => undefined);
  };
}

function listenTo(channel: string): string {
  return `listen ${pg.escapeIdentifier(channel)}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(new StoreError('store_closed', 'The store is closed.'));
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

/** Waits for the loss of a connection, and asks now and then whether the other side is still there. */
async function lossOf({ run, lost }: Connection): Promise<string> {
  const silent = Promise.withResolvers<string>();
  const probe = setInterval(() => {
    const late = setTimeout(() => silent.resolve('no answer'), probeTimeoutMs);
    const answered = () => clearTimeout(late);
    run('select 1').then(answered, answered); // a failed probe shows in `lost` as well
  }, probeEveryMs);
  try {
    return await Promise.race([lost, silent.promise]);
  } finally {
    clearInterval(probe);
  }
}

async function endQuietly(client: pg.Client): Promise<void> {
  // A connection whose other side is silent does not end politely either; do not wait for it.
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, delay(1000, undefined, { ref: false })]);
}
