import { z } from 'zod';
import { type Warning, warningSchema } from './api/server.ts';
import type { CallOptions } from './call-options.ts';
import { type Certificates, createCertificates } from './certificates.ts';
import type { Endpoint } from './endpoint.ts';
import { EventStream, type EventStreamOptions } from './event-stream.ts';
import { createImages, type Images } from './images.ts';
import { createInstances, type Instances } from './instances.ts';
import { LxdError } from './lxd-error.ts';
import { createMigration, type Migration, type MigrationOffer } from './migration.ts';
import { type RelayOptions, relayMigration } from './migration-relay.ts';
import { createNetworks, type Networks } from './networks.ts';
import { createOperations, type Operations } from './operations.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { createProjects, type Projects } from './projects.ts';
import { createServerApi, type ServerApi, type ServerInfo } from './server.ts';
import { createStoragePools, type StoragePools } from './storage-pools.ts';
import { Transport, type TransportOptions } from './transport.ts';

/** How a client behaves. */
export type LxdClientOptions = TransportOptions;

/**
 * A client of one LXD or Incus server. It holds a pool of connections until `close()`; nothing is sent before the first
 * call. All calls throw {@link LxdError} and nothing else.
 */
export type LxdClient = {
  readonly endpoint: Endpoint;
  readonly server: ServerApi;
  readonly projects: Projects;
  readonly instances: Instances;
  readonly migration: Migration & {
    /** Relays from this server's offer to another's: see `relayMigration`. */
    relay(
      offer: MigrationOffer,
      sink: { readonly client: LxdClient; readonly offer: MigrationOffer },
      options?: RelayOptions,
    ): Promise<void>;
  };
  readonly images: Images;
  readonly profiles: Profiles;
  readonly networks: Networks;
  readonly storagePools: StoragePools;
  readonly certificates: Certificates;
  readonly operations: Operations;
  readonly warnings: { list(options?: CallOptions): Promise<readonly Warning[]> };
  /** Whether the server has an API extension; asks once and remembers. `server.get()` renews the memory. */
  hasExtension(name: string, options?: CallOptions): Promise<boolean>;
  /** Opens the event stream; it reconnects until closed. `operations.wait` uses it while it is open. */
  events(options?: EventStreamOptions): EventStream;
  /** Prometheus text of all instances and the server. */
  metrics(options?: CallOptions): Promise<string>;
  /** Ends all connections and event streams at once. */
  close(): Promise<void>;
};

// The transport of a client, for the relay, which needs both sides' sockets. Not part of the public face.
const transports = new WeakMap<LxdClient, Transport>();

/** Makes a client. Throws LxdError `bad-request` for an address that is no https URL. */
export function createLxdClient(endpoint: Endpoint, options: LxdClientOptions = {}): LxdClient {
  const transport = new Transport(endpoint, options);
  const streams = new Set<EventStream>();
  const operations = createOperations(transport, streams);
  let known: ServerInfo | undefined;
  const server = createServerApi(transport, operations, (info) => {
    known = info;
  });
  const serverInfo = async (callOptions: CallOptions): Promise<ServerInfo> => {
    const { signal, timeoutMs } = callOptions;
    return known?.auth === 'trusted' ? known : await server.get({ signal, timeoutMs });
  };
  const hasExtension = async (name: string, callOptions: CallOptions = {}): Promise<boolean> =>
    (known ?? (await serverInfo(callOptions))).apiExtensions.has(name);
  const client: LxdClient = {
    endpoint,
    server,
    operations,
    projects: createProjects(transport),
    instances: createInstances(transport, operations, hasExtension),
    images: createImages(transport, operations),
    profiles: createProfiles(transport, operations),
    networks: createNetworks(transport, operations),
    storagePools: createStoragePools(transport, operations),
    certificates: createCertificates(transport, operations, serverInfo),
    migration: {
      ...createMigration(transport, serverInfo),
      relay(offer, sink, relayOptions) {
        const other = transports.get(sink.client);
        if (!other) {
          const target = transport.label;
          throw new LxdError({
            code: 'bad-request',
            message: 'the sink is not a client of this package',
            target,
          });
        }
        return relayMigration({ transport, offer }, { transport: other, offer: sink.offer }, relayOptions);
      },
    },
    warnings: {
      list: (callOptions = {}) =>
        transport.get(
          { path: '/1.0/warnings', query: { recursion: 1 } },
          z.array(warningSchema),
          callOptions,
        ),
    },
    hasExtension,
    events(streamOptions = {}) {
      const stream = new EventStream(transport, streamOptions);
      streams.add(stream);
      void stream.ended.then(() => streams.delete(stream));
      return stream;
    },
    metrics: (callOptions = {}) => transport.text({ path: '/1.0/metrics' }, callOptions),
    async close() {
      await Promise.all([...streams].map((stream) => stream.close()));
      await transport.close();
    },
  };
  transports.set(client, transport);
  return client;
}
