import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { type Duplex, duplexPair } from 'node:stream';
import { CONSOLE_PROTOCOL, ConsoleCreation, ConsoleNotice, type ConsoleTicket } from '@longshore/contract';
import { eventsMigrations } from '@longshore/events';
import { createFleetContext, type FleetContext, fleetMigrations } from '@longshore/fleet';
import { createSealer, type Log, type Store, silentLog, sql } from '@longshore/store';
import { testDatabase, waitUntil } from '@longshore/store/testing';
import { WebSocket } from 'ws';
import { createConsoleDesk } from '../console-desk.ts';
import type { ConsoleSettings } from '../console-settings.ts';
import type { ConsoleWho } from '../console-who.ts';
import { consolesMigrations } from '../consoles-migrations.ts';
import type { ConsoleRecord } from '../proxy/console-access.ts';
import type { Upstream } from '../proxy/open-upstream.ts';
import { type ConsoleProxy, startConsoleProxy } from '../proxy/start-console-proxy.ts';

/** The part of node:test's context that clears up. */
export interface TestScope {
  after(fn: () => Promise<void>): unknown;
}

/** An instance that is only an upstream: what is written into `guest` is shown, what was typed is read from it. */
export type FakeGuest = Readonly<{
  instanceId: string;
  hostId: string;
  guest: Duplex;
  exit(code: number): void;
  /** Ended by the proxy. */
  hungUp: () => boolean;
}>;

/** One connection as a client sees it. */
export type TestClient = Readonly<{
  ws: WebSocket;
  notices: ConsoleNotice[];
  /** All bytes shown. */
  shown: () => Buffer;
  text: () => string;
  say(request: object): void;
  /** Waits for a notice of a kind. */
  notice<Type extends ConsoleNotice['type']>(type: Type): Promise<Extract<ConsoleNotice, { type: Type }>>;
  /** Waits until the text has come. */
  sees(text: string): Promise<void>;
  /** Waits for the end, and tells it. */
  ended(): Promise<Readonly<{ code: number; reason: string }>>;
}>;

/** Consoles on a database of one test's own. */
export type TestConsoles = Readonly<{
  store: Store;
  databaseUrl: string;
  context: FleetContext;
  proxy: ConsoleProxy;
  url: string;
  guests: FakeGuest[];
  records: ConsoleRecord[];
  who: ConsoleWho;
  /** Takes the permission away, and tells the proxies. */
  revoke(): void;
  insertInstance(name: string, status?: string): Promise<string>;
  issue(instanceId: string, asked?: object, origin?: string | null): Promise<ConsoleTicket>;
  connect(first: object, options?: Readonly<{ origin?: string; url?: string }>): TestClient;
  open(instanceId: string, asked?: object): Promise<TestClient>;
  /** Another proxy on the same database. */
  addProxy(): Promise<Readonly<{ proxy: ConsoleProxy; url: string }>>;
}>;

export type TestConsolesOptions = Readonly<{
  settings?: Partial<ConsoleSettings>;
  log?: Log;
  /** The clock of the proxy; a test of limits per minute stops it. */
  now?: () => number;
  /** Real hosts instead of fakes. */
  real?: boolean;
}>;

/** Opens consoles for one test; all is closed with it. */
export async function openTestConsoles(
  scope: TestScope,
  options: TestConsolesOptions = {},
): Promise<TestConsoles> {
  const log = options.log ?? silentLog;
  const closers: (() => Promise<void>)[] = [];
  scope.after(async () => {
    for (const close of closers.reverse()) await close();
  });
  const migrations = await Promise.all([eventsMigrations(), fleetMigrations(), consolesMigrations()]);
  const { store, url: databaseUrl } = await testDatabase(
    { after: (fn) => void closers.push(fn) },
    { migrations, poolSize: 20 },
  );
  const key = { id: 'test', key: randomBytes(32) };
  const context = createFleetContext({
    store,
    log,
    sealer: createSealer({ keys: [key], active: key.id }),
    dataDir: tmpdir(),
    workerId: randomUUID(),
  });
  closers.push(() => context.connections.close());
  const guests: FakeGuest[] = [];
  const records: ConsoleRecord[] = [];
  let allowed = true;
  const changed: ((key: string | null) => void)[] = [];
  const who: ConsoleWho = {
    kind: 'person',
    id: randomUUID(),
    name: 'anna',
    tokenId: randomUUID(),
    loginId: null,
    expiresAt: null,
  };
  // A slow machine takes its time between asking for a ticket and using it.
  const settings = { graceSeconds: 0, ticketSeconds: 600, ...options.settings };

  const addProxy = async () => {
    const proxy = await startConsoleProxy({
      context,
      settings,
      ...(options.now === undefined ? {} : { now: options.now }),
      url: null,
      access: {
        mayOpen: async () => allowed,
        onChange: async (listener) => {
          changed.push(listener);
          return { stop: () => undefined };
        },
      },
      audit: async (record) => void records.push(record),
      ...(options.real === true
        ? {}
        : {
            dial: async (_, row) => {
              const fake = fakeUpstream(row.instance_id, await hostOf(store, row.instance_id));
              guests.push(fake.guest);
              return fake.upstream;
            },
          }),
    });
    const server = createServer();
    server.on('upgrade', proxy.handleUpgrade);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      await proxy.stop();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { proxy, url: `ws://127.0.0.1:${port}/v1/console` };
  };
  const { proxy, url } = await addProxy();
  const desk = createConsoleDesk(store, settings);

  const issue: TestConsoles['issue'] = (instanceId, asked = {}, origin = null) =>
    desk.issue({
      instanceId,
      asked: ConsoleCreation.parse({ type: 'shell', ...asked }),
      who,
      origin,
      address: '127.0.0.1',
    });
  const connect: TestConsoles['connect'] = (first, { origin, url: at = url } = {}) =>
    connectClient(at, first, origin);
  const hostId = randomUUID();
  await sql`INSERT INTO hosts (id, name, kind, url, created_by, status)
    VALUES (${hostId}, 'h1', 'lxd', 'https://h1.test:8443', 'test', 'online')`.execute(store.db);

  return {
    store,
    databaseUrl,
    context,
    proxy,
    url,
    guests,
    records,
    who,
    revoke() {
      allowed = false;
      for (const listener of changed) listener(who.tokenId);
    },
    async insertInstance(name, status = 'running') {
      const id = randomUUID();
      await sql`INSERT INTO instances (id, host_id, name, type, status)
        VALUES (${id}, ${hostId}, ${name}, 'container', ${status})`.execute(store.db);
      return id;
    },
    issue,
    connect,
    async open(instanceId, asked) {
      const { ticket } = await issue(instanceId, asked);
      const client = connect({ type: 'open', ticket });
      await client.notice('ready');
      return client;
    },
    addProxy,
  };
}

/** A client that says `first` once it is connected. */
export function connectClient(url: string, first: object, origin?: string): TestClient {
  const ws = new WebSocket(url, CONSOLE_PROTOCOL, {
    perMessageDeflate: false,
    ...(origin === undefined ? {} : { origin }),
  });
  const notices: ConsoleNotice[] = [];
  const chunks: Buffer[] = [];
  let end: { code: number; reason: string } | undefined;
  const say = (request: object): void => ws.send(JSON.stringify(request), { binary: false });
  ws.on('open', () => say(first));
  ws.on('error', (error) => {
    end ??= { code: 0, reason: error.message };
  });
  ws.on('close', (code, reason) => {
    end ??= { code, reason: reason.toString() };
  });
  ws.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.isBuffer(data)
        ? data
        : Buffer.from(data);
    if (isBinary) chunks.push(bytes);
    else notices.push(ConsoleNotice.parse(JSON.parse(bytes.toString())));
  });
  const shown = () => Buffer.concat(chunks);
  const until = async <Value>(what: string, probe: () => Value | undefined): Promise<Value> => {
    try {
      return await waitUntil(what, probe);
    } catch (error) {
      const seen = JSON.stringify({ end, notices, text: shown().subarray(-500).toString() });
      throw new Error(`${what} did not come; ${seen}`, { cause: error });
    }
  };
  return {
    ws,
    notices,
    shown,
    text: () => shown().toString(),
    say,
    async notice(type) {
      return until(`a notice "${type}"`, () =>
        notices.find((each): each is Extract<ConsoleNotice, { type: typeof type }> => isOf(each, type)),
      );
    },
    async sees(text) {
      await until(`the text "${text}"`, () => (shown().includes(text) ? true : undefined));
    },
    ended: () => until('the end', () => end),
  };
}

async function hostOf(store: Store, instanceId: string): Promise<string> {
  const { rows } = await sql<{
    host_id: string;
  }>`SELECT host_id FROM instances WHERE id = ${instanceId}`.execute(store.db);
  return rows[0]?.host_id ?? '';
}

function fakeUpstream(
  instanceId: string,
  hostId: string,
): Readonly<{ upstream: Upstream; guest: FakeGuest }> {
  const [stream, guest] = duplexPair({ highWaterMark: 65_536 });
  const code = Promise.withResolvers<number | null>();
  let hungUp = false;
  return {
    upstream: {
      stream,
      resize: (columns, rows) => void guest.write(`[${columns}x${rows}]`),
      exitCode: code.promise,
      close: () => {
        hungUp = true;
        stream.destroy();
      },
    },
    guest: {
      instanceId,
      hostId,
      guest,
      exit: (value) => {
        code.resolve(value);
        guest.end();
      },
      hungUp: () => hungUp,
    },
  };
}

function isOf<Type extends ConsoleNotice['type']>(
  notice: ConsoleNotice,
  type: Type,
): notice is Extract<ConsoleNotice, { type: Type }> {
  return notice.type === type;
}
