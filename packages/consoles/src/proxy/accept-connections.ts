import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CONSOLE_PROTOCOL, type ConsoleEnding, ConsoleRequest, LongshoreError } from '@longshore/contract';
import type { FleetContext } from '@longshore/fleet';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { ConsoleSettings } from '../console-settings.ts';
import { endingOf, redeemTicket, removeSession, type SessionRow, takeLease } from '../redeem-ticket.ts';
import { checkHandshake } from './check-handshake.ts';
import type { ConsoleAccess, ConsoleAudit } from './console-access.ts';
import { createGuessLimit } from './guess-limit.ts';
import { closeWith, type LiveSession, tell } from './live-session.ts';
import type { OpenConsoles } from './open-consoles.ts';
import type { Upstream } from './open-upstream.ts';

/** What a client may send in one frame; a paste comes in many. */
const MAX_FRAME_BYTES = 256 * 1024;
/** How long a connection may take to show its ticket. */
const FIRST_FRAME_LIMIT_MS = 10_000;
/** Beyond the grace: until a proxy that has died is known to be dead. */
const TAKEOVER_PATIENCE_MS = 35_000;
const LEASE_RETRY_MS = 200;

/** What connections are accepted with. */
export type AcceptOptions = Readonly<{
  context: FleetContext;
  access: ConsoleAccess;
  audit: ConsoleAudit;
  settings: ConsoleSettings;
  now: () => number;
  proxyId: string;
  open: OpenConsoles;
  addressOf(request: IncomingMessage): string;
  dial(context: FleetContext, session: SessionRow): Promise<Upstream>;
}>;

/** Connections of one proxy, from the handshake to the session. */
export type Connections = Readonly<{
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  ping(): void;
  refuseMore(): void;
  close(limitMs: number): Promise<void>;
  refused(): ReadonlyMap<string, number>;
}>;

type Client = Readonly<{
  ws: WebSocket;
  origin: string | null;
  address: string;
  /** It has shown what it has: what it waits for now does not count against its address. */
  done: () => void;
}>;

/** Accepts connections of clients; see docs/spec/consoles.md for what is said on them. */
export function acceptConnections(options: AcceptOptions): Connections {
  const { context, access, audit, settings, open, proxyId } = options;
  const { store, log } = context;
  const guesses = createGuessLimit(options.now);
  const answering = new WeakSet<WebSocket>();
  const refusals = new Map<string, number>();
  let stopping = false;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: () => CONSOLE_PROTOCOL,
  });

  /** Ends a connection that has no session, and remembers why. */
  const refuse = async (
    { ws, address }: Client,
    ending: ConsoleEnding,
    session: SessionRow | null,
    why: string = ending,
  ): Promise<void> => {
    refusals.set(why, (refusals.get(why) ?? 0) + 1);
    if (session !== null) await removeSession(store, session.id);
    const worthAnEntry = ending !== 'ticket-refused' || guesses.wrong(address);
    closeWith(ws, ending);
    if (!worthAnEntry) return;
    await audit({
      action: 'console-refused',
      who: session?.who ?? null,
      sessionId: session?.id ?? '',
      instanceId: session?.instance_id ?? null,
      address,
      refusal: why,
      detail: session === null ? {} : { type: session.type, access: session.access },
    });
  };

  const start = async (client: Client, row: SessionRow): Promise<void> => {
    const { ws } = client;
    let upstream: Upstream;
    try {
      upstream = await options.dial(context, row);
    } catch (error) {
      const known = error instanceof LongshoreError ? error.code : null;
      tell(ws, { type: 'failed', message: error instanceof Error ? error.message : String(error) });
      log.info({ error, sessionId: row.id }, 'a console could not be opened on its host');
      await refuse(
        client,
        known === 'conflict' || known === 'not-found' ? 'instance-gone' : 'host-failed',
        row,
      );
      return;
    }
    if (ws.readyState !== WebSocket.OPEN) {
      upstream.close();
      await removeSession(store, row.id);
      return;
    }
    open.add(row, client.origin, upstream, ws);
    const session = open.get(row.id);
    if (session !== undefined) serve(ws, session);
    // What was said of it while the host was dialled went past us.
    const ending = await endingOf(store, row.id);
    if (ending !== null) open.endAs(row.id, ending ?? 'instance-gone', '');
    else if (!(await access.mayOpen(row.who, row.instance_id))) open.end(row.id, 'revoked');
    await audit({
      action: 'console-open',
      who: row.who,
      sessionId: row.id,
      instanceId: row.instance_id,
      address: row.address,
      refusal: null,
      detail: { type: row.type, access: row.access, user: row.options.user ?? null },
    });
  };

  const waitForPlace = async (client: Client, row: SessionRow): Promise<boolean> => {
    const until = options.now() + settings.graceSeconds * 1000 + TAKEOVER_PATIENCE_MS;
    while (options.now() < until && client.ws.readyState === WebSocket.OPEN && !stopping) {
      if (await takeLease(store, settings, row)) return true;
      await delay(LEASE_RETRY_MS);
    }
    return false;
  };

  const openByTicket = async (client: Client, ticket: string): Promise<void> => {
    const redeemed = await redeemTicket(store, settings, proxyId, ticket, client.origin);
    if (redeemed.outcome === 'refused') {
      await refuse(client, 'ticket-refused', null, redeemed.why);
      return;
    }
    const { session } = redeemed;
    client.done();
    if (!(await access.mayOpen(session.who, session.instance_id))) {
      await refuse(client, 'revoked', session);
      return;
    }
    switch (redeemed.outcome) {
      case 'opened':
        await start(client, session);
        return;
      case 'occupied':
        await refuse(client, 'occupied', session);
        return;
      case 'elsewhere':
        await refuse(client, 'session-unknown', session);
        return;
      case 'wait': {
        const holder = open.get(redeemed.targetId)?.row.who.name ?? '';
        tell(client.ws, { type: 'waiting', seconds: settings.graceSeconds, who: holder });
        if (await waitForPlace(client, session)) await start(client, session);
        else await refuse(client, 'occupied', session);
        return;
      }
      case 'view': {
        const target = open.get(redeemed.targetId);
        if (target === undefined || client.ws.readyState !== WebSocket.OPEN) {
          await refuse(client, 'session-unknown', session);
          return;
        }
        target.view(client.ws, session);
        client.ws.on('message', (_data, isBinary) => {
          // One who looks along has nothing to say but that they have seen it.
          if (isBinary) closeWith(client.ws, 'protocol');
        });
        await audit({
          action: 'console-open',
          who: session.who,
          sessionId: session.id,
          instanceId: session.instance_id,
          address: session.address,
          refusal: null,
          detail: { type: session.type, access: 'view', of: redeemed.targetId },
        });
        return;
      }
      default:
        redeemed satisfies never;
    }
  };

  const resume = async (
    client: Client,
    request: Extract<ConsoleRequest, { type: 'resume' }>,
  ): Promise<void> => {
    const session = open.get(request.sessionId);
    const known = session?.mayResume(request.secret) === true && session.origin === client.origin;
    if (session === undefined || !known) {
      guesses.wrong(client.address);
      closeWith(client.ws, 'session-unknown');
      return;
    }
    if (!(await access.mayOpen(session.row.who, session.row.instance_id))) {
      session.end('revoked');
      closeWith(client.ws, 'revoked');
      return;
    }
    if (!session.mayResume(request.secret) || !session.attach(client.ws, request.received)) {
      closeWith(client.ws, 'session-unknown');
      return;
    }
    open.resumed();
    serve(client.ws, session);
  };

  const accept = (client: Client): void => {
    const { ws, done } = client;
    answering.add(ws);
    ws.on('pong', () => answering.add(ws));
    ws.on('error', (error) => log.debug({ error }, 'a console connection broke the rules of websockets'));
    const late = setTimeout(() => closeWith(ws, 'protocol'), FIRST_FRAME_LIMIT_MS);
    ws.once('close', () => {
      clearTimeout(late);
      done();
    });
    ws.once('message', (data, isBinary) => {
      clearTimeout(late);
      const request = isBinary ? null : parseRequest(data);
      if (request === null || (request.type !== 'open' && request.type !== 'resume')) {
        closeWith(ws, 'protocol');
        return;
      }
      // What comes before the session is open waits in the network.
      ws.pause();
      const work = request.type === 'open' ? openByTicket(client, request.ticket) : resume(client, request);
      work
        .catch((error: unknown) => {
          log.warn({ error }, 'a console could not be opened');
          closeWith(ws, 'not-now');
        })
        .finally(() => {
          done();
          ws.resume();
        });
    });
  };

  return {
    handleUpgrade(request, socket, head) {
      const checked = checkHandshake(request);
      const address = options.addressOf(request);
      const entered = checked.ok && !stopping ? guesses.enter(address) : null;
      if (!checked.ok || entered === null) {
        const status = checked.ok
          ? stopping
            ? '503 Service Unavailable'
            : '429 Too Many Requests'
          : checked.status;
        refusals.set('handshake', (refusals.get('handshake') ?? 0) + 1);
        socket.on('error', () => {
          // Whoever is refused may be gone already.
        });
        socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      socket.once('close', entered.done);
      server.handleUpgrade(request, socket, head, (ws) =>
        accept({ ws, address, origin: checked.origin, done: entered.done }),
      );
    },
    ping() {
      for (const ws of server.clients) {
        if (!answering.delete(ws)) ws.terminate();
        else ws.ping();
      }
    },
    refuseMore() {
      stopping = true;
    },
    async close(limitMs) {
      for (const ws of server.clients) closeWith(ws, 'proxy-stopped');
      const gone = Promise.all(
        [...server.clients].map((ws) => new Promise<void>((resolve) => ws.once('close', () => resolve()))),
      );
      await Promise.race([gone, delay(limitMs, undefined, { ref: false })]);
      for (const ws of server.clients) ws.terminate();
      server.close();
    },
    refused: () => refusals,
  };
}

/** Hands what a client says to its session from now on. */
function serve(ws: WebSocket, session: LiveSession): void {
  ws.on('message', (data, isBinary) => {
    if (!session.hears(ws)) return;
    if (isBinary) {
      session.type(bytesOf(data));
      return;
    }
    const request = parseRequest(data);
    switch (request?.type) {
      case 'resize':
        session.resize(request.size);
        return;
      case 'ack':
        session.ack(request.received);
        return;
      case 'end':
        session.end('ended');
        return;
      default:
        closeWith(ws, 'protocol');
    }
  });
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function parseRequest(data: RawData): ConsoleRequest | null {
  try {
    const parsed = ConsoleRequest.safeParse(JSON.parse(bytesOf(data).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // no JSON: the caller ends the connection
  }
}
