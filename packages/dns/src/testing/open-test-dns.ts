import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type DnsZoneCreation, DnsZoneCreation as ZoneCreation } from '@longshore/contract';
import { eventsMigrations } from '@longshore/events';
import { fleetMigrations } from '@longshore/fleet';
import { createSealer, type Sealer, type Store, silentLog, sql } from '@longshore/store';
import { testDatabase, waitUntil } from '@longshore/store/testing';
import { type DecodedPacket, decode, encode, type Question } from 'dns-packet';
import { dnsMigrations } from '../dns-migrations.ts';
import { type DnsOptions, type DnsServer, startDns } from '../serve/dns-server.ts';
import { createZone } from '../zones/change-zones.ts';

/** The part of node:test's context that clears up. */
interface TestScope {
  after(fn: () => Promise<void>): void;
}

/** A decoded answer; the codec's types leave the code out. */
export type Answer = DecodedPacket & Readonly<{ rcode: string }>;

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** A name server of one test on a database of its own. */
export type TestDns = Readonly<{
  store: Store;
  sealer: Sealer;
  server: DnsServer;
  hostId: string;
  zone(name: string, over?: Partial<DnsZoneCreation>): Promise<string>;
  instance(name: string, addresses: readonly string[], over?: InstanceOver): Promise<string>;
  project(name: string): Promise<string>;
  /** One question over UDP. */
  ask(name: string, type: string): Promise<Answer>;
  /** Data of the answers, as text, sorted. */
  data(name: string, type: string): Promise<readonly string[]>;
  /** Waits until a question is answered so. */
  until(name: string, type: string, data: readonly string[]): Promise<void>;
  /** Waits until what was written before the call is answered. */
  settled(): Promise<void>;
}>;

/** What is unusual about an instance. */
export type InstanceOver = Readonly<{
  project?: string;
  status?: string;
  device?: string;
  claimed?: boolean;
}>;

/** Starts a name server on a free port of the loopback interface. */
export async function openTestDns(scope: TestScope, options: Partial<DnsOptions> = {}): Promise<TestDns> {
  const migrations = [await eventsMigrations(), await fleetMigrations(), await dnsMigrations()];
  const { store } = await testDatabase(scope, { migrations });
  const hostId = randomUUID();
  await sql`INSERT INTO hosts (id, name, kind, url, created_by, status)
    VALUES (${hostId}::uuid, 'h', 'lxd', 'https://h.test:8443', 'test', 'online')`.execute(store.db);
  const sealer = createSealer({ keys: [{ id: 'test', key: randomBytes(32) }], active: 'test' });
  const listen = [{ host: '127.0.0.1', port: 0 }];
  const server = await startDns({ store, sealer, log: silentLog, listen, answersPerSecond: 0, ...options });
  scope.after(server.stop);
  const port = server.addresses[0]?.port ?? 0;
  const ask: TestDns['ask'] = (name, type) => askUdp(port, name, type);
  const data: TestDns['data'] = async (name, type) => {
    const { answers = [] } = await ask(name, type);
    return answers.map((answer) => ('data' in answer ? textOf(answer.data) : '')).sort();
  };
  let settledAt = 0;
  return {
    store,
    sealer,
    server,
    hostId,
    ask,
    data,
    async zone(name, over = {}) {
      const creation = ZoneCreation.parse({ name, nameServers: ['ns1.test', 'ns2.test'], ...over });
      return (await store.transaction((trx) => createZone(trx, creation, 'test'))).id;
    },
    async project(name) {
      const id = randomUUID();
      await sql`INSERT INTO projects (id, name, created_by) VALUES (${id}::uuid, ${name}, 'test')`.execute(
        store.db,
      );
      return id;
    },
    async instance(name, addresses, over = {}) {
      const id = randomUUID();
      await sql`
        INSERT INTO instances (id, host_id, name, type, status, claimed, project_id, addresses)
        VALUES (${id}::uuid, ${hostId}::uuid, ${name}, 'container', ${over.status ?? 'running'}, ${over.claimed ?? true},
          ${over.project ?? null}::uuid, ${addressesJson(addresses, over.device)}::jsonb)
        ON CONFLICT DO NOTHING`.execute(store.db);
      return id;
    },
    until: async (name, type, wanted) => {
      await waitUntil(`${name} ${type} is ${wanted.join(' ')}`, async () => {
        const found = await data(name, type);
        return found.length === wanted.length && found.every((each, n) => each === wanted[n]);
      });
    },
    async settled() {
      settledAt += 1;
      const value = `settled-${settledAt}`;
      await sql`
        INSERT INTO dns_records (id, zone_id, owner, type, value, rdata, created_by)
        SELECT gen_random_uuid(), id, '_settled', 16, ${value}, ${Buffer.from([value.length, ...Buffer.from(value)])}, 'test'
        FROM dns_zones WHERE parent_id IS NULL AND prefix IS NULL LIMIT 1`.execute(store.db);
      const { rows } = await sql<{ name: string }>`
        SELECT name FROM dns_zones WHERE parent_id IS NULL AND prefix IS NULL LIMIT 1`.execute(store.db);
      await waitUntil('the name server is up to date', async () =>
        (await data(`_settled.${rows[0]?.name}`, 'TXT')).includes(value),
      );
    },
  };
}

/** The column of an instance's addresses. */
export function addressesJson(addresses: readonly string[], device = 'eth0'): string {
  return JSON.stringify(
    addresses.map((address) => ({
      device,
      address,
      family: address.includes(':') ? 'ipv6' : 'ipv4',
      scope: 'global',
    })),
  );
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return data.map(textOf).join(' ');
  if (Buffer.isBuffer(data)) return data.toString('latin1');
  if (data instanceof Uint8Array) return Buffer.from(data).toString('latin1');
  return JSON.stringify(data);
}

const ANSWER_LIMIT_MS = 2000;

/** One question by UDP, asked again until it is answered: a datagram may be lost even here. */
export async function askUdp(port: number, name: string, type: string): Promise<Answer> {
  const id = Math.floor(Math.random() * 65_536);
  const questions = [{ type, name }] as Question[];
  const query = encode({
    type: 'query',
    id,
    questions,
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const answer = await waitUntil(`an answer to ${name} ${type}`, () => exchange(port, query));
  return { ...decode(answer), rcode: RCODES[(answer[3] ?? 0) & 15] ?? '?' };
}

/** Sends one datagram and waits for one; null: none came. */
export function exchange(port: number, query: Buffer, limitMs = ANSWER_LIMIT_MS): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const done = (answer: Buffer | null) => {
      clearTimeout(limit);
      socket.close();
      resolve(answer);
    };
    const limit = setTimeout(() => done(null), limitMs);
    socket.once('message', done);
    socket.once('error', reject);
    socket.send(query, port, '127.0.0.1');
  });
}
