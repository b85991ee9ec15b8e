import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FleetContext } from '@longshore/fleet';
import type { Listening } from '@longshore/store';
import { type ConsoleSettings, DEFAULT_CONSOLE_SETTINGS } from '../console-settings.ts';
import { loginKeyOf } from '../console-who.ts';
import { removeSession, type SessionRow } from '../redeem-ticket.ts';
import { acceptConnections } from './accept-connections.ts';
import type { ConsoleAccess, ConsoleAudit, ConsoleRecord } from './console-access.ts';
import type { LiveSession } from './live-session.ts';
import { createOpenConsoles } from './open-consoles.ts';
import { openUpstream, type Upstream } from './open-upstream.ts';
import { beat, carriedBy, leave, sweep } from './proxy-life.ts';

/** Leases end 30 seconds after the last beat: two may fail. */
const BEAT_EVERY_MS = 10_000;
const TICK_EVERY_MS = 1000;
/** Two that are not answered, and the connection is taken for lost. */
const PING_EVERY_TICKS = 15;
/** What clients have to close their side when the proxy stops. */
const CLOSE_LIMIT_MS = 1000;

/** What a proxy works with. */
export type ConsoleProxyOptions = Readonly<{
  context: FleetContext;
  access: ConsoleAccess;
  audit: ConsoleAudit;
  settings?: Partial<ConsoleSettings>;
  /** Where clients reach it; null: where they reach the API. */
  url: string | null;
  /** Where a request comes from; default: the other side of the connection. */
  addressOf?: (request: IncomingMessage) => string;
  /** For tests. */
  now?: () => number;
  dial?: (context: FleetContext, session: SessionRow) => Promise<Upstream>;
}>;

/** Figures of one proxy; those that count begin at 0 with the process. */
export type ConsoleFigures = Readonly<{
  sessions: Readonly<{ shell: number; console: number }>;
  detached: number;
  viewers: number;
  opened: number;
  resumed: number;
  /** By ending. */
  ended: ReadonlyMap<string, number>;
  refused: ReadonlyMap<string, number>;
}>;

/** A running proxy. */
export type ConsoleProxy = Readonly<{
  id: string;
  /** For an HTTP server's event `upgrade`: answers what is not for consoles as well. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  figures(): ConsoleFigures;
  /** Ends all sessions, whose clients then open new ones elsewhere. Twice is harmless. */
  stop(): Promise<void>;
}>;

/** Starts to carry consoles; from now on tickets name this proxy. */
export async function startConsoleProxy(options: ConsoleProxyOptions): Promise<ConsoleProxy> {
  const { context, access, audit, url } = options;
  const { store, log } = context;
  const settings = { ...DEFAULT_CONSOLE_SETTINGS, ...options.settings };
  const now = options.now ?? Date.now;
  const id = randomUUID();
  /** Ends that the database does not know yet. */
  const untold = new Map<string, ConsoleRecord>();
  const tellEnd = async (record: ConsoleRecord): Promise<void> => {
    const { sessionId } = record;
    try {
      await removeSession(store, sessionId);
      await audit(record);
      untold.delete(sessionId);
    } catch (error) {
      untold.set(sessionId, record);
      log.warn({ error, sessionId }, 'the end of a console could not be written; trying again');
    }
  };
  const open = createOpenConsoles({ now, settings, tellEnd });
  const connections = acceptConnections({
    context,
    access,
    audit,
    settings,
    now,
    proxyId: id,
    open,
    dial: options.dial ?? openUpstream,
    addressOf: options.addressOf ?? ((request) => request.socket.remoteAddress ?? ''),
  });

  const recheck = async (sessions: readonly LiveSession[]): Promise<void> => {
    for (const session of sessions) {
      for (const row of [session.row, ...session.viewers()]) {
        if (await access.mayOpen(row.who, row.instance_id)) continue;
        open.end(row.id, 'revoked');
      }
    }
  };
  const recheckSafely = (sessions: readonly LiveSession[]): void => {
    // A database that is away ends nothing: the connection to it is made again, and then all are looked at.
    recheck(sessions).catch((error: unknown) =>
      log.warn({ error }, 'permissions of consoles cannot be read now'),
    );
  };
  const reconcile = async (): Promise<void> => {
    const carried = new Map((await carriedBy(store, id)).map((each) => [each.id, each]));
    for (const { row } of open.all()) {
      const known = carried.get(row.id);
      if (known === undefined) open.end(row.id, 'instance-gone');
      else if (!known.placed) open.end(row.id, 'taken-over');
      else if (known.ending !== null) open.endAs(row.id, known.ending, known.ending_by ?? '');
    }
    await recheck(open.all());
  };
  const reconcileSafely = (): void => {
    reconcile().catch((error: unknown) =>
      log.warn({ error }, 'consoles cannot be compared with the database now'),
    );
  };
  const hear = (payload: string): void => {
    const [what = '', subject = '', ending = '', ...by] = payload.split(' ');
    if (what === 'gone') open.end(subject, 'instance-gone');
    if (what === 'ending') open.endAs(subject, ending, by.join(' '));
    if (what === 'reach') recheckSafely(open.all().filter(({ row }) => row.instance_id === subject));
  };

  let resting = false;
  const keepAlive = async (): Promise<void> => {
    if (resting) return;
    resting = true;
    try {
      const lived = await beat(store, id, url);
      if (!lived) await reconcile();
      for (const record of [...untold.values()]) await tellEnd(record);
      // Who was silent itself must not bury others: perhaps it was the database that was away.
      if (lived) {
        for (const sessionId of await sweep(store)) log.info({ sessionId }, 'a console ended with its proxy');
      }
    } catch (error) {
      log.warn({ error }, 'the console proxy cannot reach the database; open sessions go on');
    } finally {
      resting = false;
    }
  };

  await beat(store, id, url);
  const listening: Listening[] = [
    await store.listen('consoles', { onNotify: hear, onReconnect: reconcileSafely }),
    await access.onChange((key) => {
      recheckSafely(
        open
          .all()
          .filter(
            (session) =>
              key === null || [session.row, ...session.viewers()].some((row) => loginKeyOf(row.who) === key),
          ),
      );
    }),
  ];
  const beating = setInterval(() => void keepAlive(), BEAT_EVERY_MS);
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
    open.tick();
    if (ticks % PING_EVERY_TICKS === 0) connections.ping();
  }, TICK_EVERY_MS);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(beating);
    clearInterval(ticking);
    connections.refuseMore();
    await open.endAll('proxy-stopped');
    for (const each of listening) each.stop();
    await connections.close(CLOSE_LIMIT_MS);
    await leave(store, id).catch((error: unknown) =>
      log.warn({ error }, 'the console proxy could not say goodbye; it is forgotten in 30 seconds'),
    );
  };
  return {
    id,
    handleUpgrade: connections.handleUpgrade,
    figures: () => ({ ...open.figures(), refused: connections.refused() }),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
