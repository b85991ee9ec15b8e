import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createApi, registerWebUi } from '@longshore/api';
import { type ConsoleProxy, createConsoleDesk } from '@longshore/consoles';
import { type DnsServer, startDns } from '@longshore/dns';
import { createEvents } from '@longshore/events';
import { createFleet, createFleetContext, listLocalSockets, requestGuestKeys } from '@longshore/fleet';
import { createIdentity, type FirstStart, keysForPlace } from '@longshore/identity';
import { createSealer, type Log, loadOrCreateKeyFile } from '@longshore/store';

import type { Configuration } from './configuration.ts';
import { consoleMetricSources } from './console-metric-sources.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { dnsMetricSources } from './dns-metric-sources.ts';
import { openDatabase } from './open-database.ts';
import { recordForeignChange } from './record-foreign-change.ts';
import { WEB_UI } from './setup-path.ts';
import { startConsoles } from './start-consoles.ts';
import { syncMetricSources } from './sync-metric-sources.ts';
import { startTracing } from './tracing.ts';
import { programVersion } from './version.ts';

/** A running Longshore. */
export type Server = Readonly<{
  /** Where the API answers; null in a process without the role `api`. */
  url: string | null;
  /** Only on the first start of an installation. */
  firstStart: FirstStart | null;
  /** LXD and Incus sockets of this machine that are no hosts of the fleet yet. */
  offeredSockets: readonly string[];
  /** Where names are answered. */
  dnsAddresses: readonly { host: string; port: number }[];
  /** Ends requests and work in order; what is unfinished goes on at the next start. Twice is harmless. */
  stop(): Promise<void>;
}>;

/** Things to undo, the last one first; one that fails does not keep the others from being undone. */
function createClosers(log: Log) {
  const closers: (readonly [string, () => Promise<void>])[] = [];
  return {
    add: (name: string, close: () => Promise<void>) => closers.push([name, close]),
    async closeAll() {
      for (const [name, close] of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          log.error({ error, part: name }, 'a part did not stop in order');
        }
      }
    },
  };
}

/**
 * Starts the roles of this process over one database and returns when they answer.
 * @throws ConfigurationError, StoreError, or the system's error for an address that cannot be listened on.
 */
export async function startServer(configuration: Configuration, log: Log): Promise<Server> {
  const { roles } = configuration;
  const version = programVersion();
  const workerId = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const closers = createClosers(log);
  let stopping = false;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopping = true;
    stopped ??= closers.closeAll();
    return stopped;
  };
  try {
    prepareDataDirectory(configuration.dataDir);
    if (configuration.traceEndpoint !== undefined) {
      closers.add('traces', await startTracing(configuration.traceEndpoint, version, workerId));
    }
    const database = await openDatabase(configuration, log, `longshore ${workerId}`);
    closers.add('database', database.close);
    const { store } = database;
    const sealer = createSealer(await loadOrCreateKeyFile(join(configuration.dataDir, 'sealing-keys')));
    const context = createFleetContext({
      store,
      sealer,
      log,
      dataDir: configuration.dataDir,
      workerId,
      onForeignChange: (change) => void recordForeignChange(store, log, change),
      guestKeySource: (query, place) => keysForPlace(query, place, configuration.fleetAdminKeys),
    });
    const worker = roles.includes('worker');
    const fleet = createFleet(context, { roles: { sync: worker, operations: worker } });
    closers.add('fleet', fleet.stop);
    await fleet.start();
    const identity = createIdentity(store, {
      sealer,
      fleetAdminKeys: configuration.fleetAdminKeys,
      providerRefreshMinutes: configuration.providerRefreshMinutes,
    });
    const firstStart = await identity.prepareFirstStart();
    closers.add('upkeep of logins', identity.startUpkeep().stop);
    if (worker) closers.add('changes of keys', (await identity.sshKeys.followChanges(requestGuestKeys)).stop);
    const sockets = await listLocalSockets(context);
    const offeredSockets = sockets
      .filter((socket) => socket.enrolledAs === null)
      .map((socket) => socket.path);
    let dns: DnsServer | null = null;
    if (roles.includes('dns')) {
      const { listen: addresses, answersPerSecond } = configuration.dns;
      dns = await startDns({
        store,
        sealer,
        log,
        listen: addresses,
        ...(answersPerSecond === undefined ? {} : { answersPerSecond }),
      });
      closers.add('dns', dns.stop);
    }
    let url: string | null = null;
    let consoles: ConsoleProxy | null = null;
    const carries = roles.includes('console');
    const parts = { configuration, context, identity, closers };
    if (roles.includes('api')) {
      const events = createEvents(store, { log });
      await events.start();
      closers.add('events', events.close);
      const api = createApi({
        context,
        consoles: createConsoleDesk(store, configuration.console),
        events,
        identity,
        log,
        version,
        settings: {
          trustedProxies: configuration.trustedProxies,
          ...(configuration.publicUrl === undefined ? {} : { publicUrl: configuration.publicUrl }),
          metricsAccess: configuration.metricsAccess,
        },
        metrics: [
          ...syncMetricSources(fleet),
          ...(dns === null ? [] : dnsMetricSources(dns)),
          ...(carries ? consoleMetricSources(() => consoles?.figures() ?? null) : []),
        ],
        notReady: () => (stopping ? 'Longshore is stopping.' : null),
        ...(configuration.tls === undefined ? {} : { tls: readTls(configuration.tls) }),
      });
      registerWebUi(api, WEB_UI, configuration.console.publicUrl);
      closers.add('api', async () => api.close());
      if (carries) consoles = await startConsoles(parts, api.server);
      const listening = await listen(api, configuration);
      url = configuration.publicUrl ?? listening;
    } else if (carries) {
      await startConsoles(parts, null);
    }
    log.info({ version, roles, url, workerId }, 'Longshore is ready');
    return { url, firstStart, offeredSockets, dnsAddresses: dns?.addresses ?? [], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readTls(paths: { certificatePath: string; keyPath: string }): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(paths.certificatePath), key: readFileSync(paths.keyPath) };
}

async function listen(api: ReturnType<typeof createApi>, configuration: Configuration): Promise<string> {
  const { host, port } = configuration.listen;
  await api.listen({ host, port });
  const address = api.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const shown = host === '0.0.0.0' || host === '::' ? hostname() : host;
  return `${configuration.tls === undefined ? 'http' : 'https'}://${shown.includes(':') ? `[${shown}]` : shown}:${bound}`;
}
