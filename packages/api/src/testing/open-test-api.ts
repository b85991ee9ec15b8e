import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consolesMigrations, createConsoleDesk } from '@longshore/consoles';
import { type Client, createClient } from '@longshore/contract';
import { dnsMigrations } from '@longshore/dns';
import { createEvents, type Events, eventsMigrations } from '@longshore/events';
import { createFleetContext, type FleetContext, fleetMigrations } from '@longshore/fleet';
import { createIdentity, type Identity, identityMigrations } from '@longshore/identity';
import { createSealer, type Log, type Store, silentLog, sql } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import type { FastifyInstance } from 'fastify';
import type { ApiSettings } from '../api-options.ts';
import { createApi } from '../create-api.ts';

/** The part of node:test's context that clears up. */
interface TestScope {
  after(fn: () => Promise<void>): void;
}

/** An API of one test, listening on a port of its own. */
export type TestApi = Readonly<{
  url: string;
  app: FastifyInstance;
  store: Store;
  context: FleetContext;
  identity: Identity;
  events: Events;
  /** Client with all permissions. */
  client: Client;
  /** A new token's secret. */
  token(...scopes: string[]): Promise<string>;
  /** One request, as it is. */
  ask(method: string, path: string, init?: Readonly<RequestInit & { token?: string }>): Promise<Response>;
}>;

/** What a test's API is like; nothing of it is usual. */
export type TestApiOptions = Readonly<{
  settings?: ApiSettings;
  log?: Log;
  /** Over TLS, with the installation's own certificate. */
  overTls?: boolean;
  extend?: (app: FastifyInstance) => void;
}>;

/** Starts the API on a database of its own, without workers: what is accepted stays queued. */
export async function openTestApi(scope: TestScope, options: TestApiOptions = {}): Promise<TestApi> {
  const log = options.log ?? silentLog;
  const migrations = await Promise.all([
    identityMigrations(),
    eventsMigrations(),
    fleetMigrations(),
    consolesMigrations(),
    dnsMigrations(),
  ]);
  const { store } = await testDatabase(scope, { migrations, poolSize: 10 });
  const dataDir = await mkdtemp(join(tmpdir(), 'longshore-api-'));
  scope.after(() => rm(dataDir, { recursive: true, force: true }));
  const key = { id: 'test', key: randomBytes(32) };
  const context = createFleetContext({
    store,
    sealer: createSealer({ keys: [key], active: key.id }),
    log,
    dataDir,
    workerId: `test-${randomUUID()}`,
  });
  const events = createEvents(store, { log });
  await events.start();
  const sealer = createSealer({ keys: [key], active: key.id });
  const identity = createIdentity(store, { sealer });
  const installation = await context.installation();
  const app = createApi({
    context,
    consoles: createConsoleDesk(store),
    events,
    identity,
    log,
    version: '1.2.3',
    settings: options.settings ?? {},
    ...(options.overTls === true
      ? { tls: { cert: installation.certificatePem, key: installation.keyPem } }
      : {}),
  });
  options.extend?.(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  scope.after(async () => {
    await app.close();
    await events.close();
    await context.connections.close();
  });
  const newToken = async (...scopes: string[]) => {
    const name = `token-${randomUUID()}`;
    return (await identity.createToken({ name, scopes, expiresAt: null }, 'test')).secret;
  };
  const admin = await newToken('*');
  return {
    url,
    app,
    store,
    context,
    identity,
    events,
    client: createClient({ url, token: admin }),
    token: newToken,
    ask(method, path, { token = admin, headers, ...init } = {}) {
      const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
      return fetch(`${url}${path}`, {
        method,
        ...init,
        headers: { ...authorization, ...Object.fromEntries(new Headers(headers)) },
      });
    },
  };
}

/** A host that is only a row: enough for what the API itself does with one. */
export async function insertHost(store: Store, name: string): Promise<string> {
  const id = randomUUID();
  await sql`INSERT INTO hosts (id, name, kind, url, created_by, status)
    VALUES (${id}::uuid, ${name}, 'lxd', ${`https://${name}.test:8443`}, 'test', 'online')`.execute(store.db);
  return id;
}
