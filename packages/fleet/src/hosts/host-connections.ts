import { LongshoreError } from '@longshore/contract';
import { createLxdClient, type Endpoint, type LxdClient } from '@longshore/lxd';
import type { Store } from '@longshore/store';
import type { Installation } from '../installation/installation.ts';
import type { HostRow } from './hosts-table.ts';

/** A host with the client that speaks to it. */
export type HostConnection = { readonly host: HostRow; readonly client: LxdClient };

/** One client per host of this process, shared by sync and operations: one connection pool, one event stream. */
export type HostConnections = {
  /**
   * The host's row read now, and its client (a new one where address or pinned certificate have changed).
   * @throws LongshoreError `not-found`; `host-quarantined`, `host-unreachable` as the host's status says.
   */
  client(hostId: string): Promise<HostConnection>;
  /** The same whatever the host's status: for sync, which finds the status out, and for removal. */
  clientToTry(hostId: string): Promise<HostConnection>;
  /** Ends the client of a host that is gone from here. */
  forget(hostId: string): Promise<void>;
  close(): Promise<void>;
};

/** A connection attempt that has not succeeded after this never will; LAN hosts take milliseconds, 30 % loss seconds. */
const CALL_TIMEOUT_MS = 30_000;
/** Operations of one host run four at a time, sync adds its reads; more sockets would only queue inside the host. */
const CONNECTIONS_PER_HOST = 24;
/** recursion=2 of 5,000 instances is about 25 MB. */
const MAX_REPLY_BYTES = 48 * 1024 * 1024;

/** The endpoint of a host's row, with our certificate. */
export function endpointOf(
  host: Pick<HostRow, 'url' | 'fingerprint' | 'name'>,
  installation: Installation,
): Endpoint {
  if (host.url.startsWith('unix:')) return { kind: 'unix', path: host.url.slice('unix:'.length) };
  if (host.fingerprint === null) {
    throw new LongshoreError('host-quarantined', `Host ${host.name} has no pinned certificate.`, {
      hint: 'Re-pin the host: longshore host re-pin.',
    });
  }
  return {
    kind: 'https',
    url: host.url,
    fingerprint: host.fingerprint,
    clientCertificate: { cert: installation.certificatePem, key: installation.keyPem },
  };
}

/** A client as the fleet wants it, for a host enrolled or about to be. */
export function openClient(endpoint: Endpoint): LxdClient {
  return createLxdClient(endpoint, {
    timeoutMs: CALL_TIMEOUT_MS,
    connections: CONNECTIONS_PER_HOST,
    maxReplyBytes: MAX_REPLY_BYTES,
    userAgent: 'longshore',
  });
}

/** Makes the registry of clients; opens nothing by itself. */
export function createHostConnections(options: {
  readonly store: Store;
  installation(): Promise<Installation>;
}): HostConnections {
  const clients = new Map<string, { readonly key: string; readonly client: LxdClient }>();

  const clientToTry = async (hostId: string): Promise<HostConnection> => {
    const installation = await options.installation();
    const host = await options.store.db
      .selectFrom('hosts')
      .selectAll()
      .where('id', '=', hostId)
      .executeTakeFirst();
    if (host === undefined) throw new LongshoreError('not-found', `There is no host ${hostId}.`);
    const key = `${host.url} ${host.fingerprint ?? ''}`;
    const known = clients.get(hostId);
    if (known?.key === key) return { host, client: known.client };
    const client = openClient(endpointOf(host, installation));
    clients.set(hostId, { key, client });
    await known?.client.close();
    return { host, client };
  };

  return {
    clientToTry,
    async client(hostId) {
      const connection = await clientToTry(hostId);
      const { host } = connection;
      switch (host.status) {
        case 'online':
        case 'connecting':
          return connection;
        case 'unreachable':
          throw new LongshoreError(
            'host-unreachable',
            `Host ${host.name} does not answer (${host.status_reason ?? 'no answer'}).`,
            {
              hint: 'Check that the host runs and that its address can be reached; the work goes on when it returns.',
            },
          );
        case 'quarantined':
          throw new LongshoreError(
            'host-quarantined',
            `Host ${host.name} shows another certificate than the pinned one.`,
            {
              hint: 'Compare the new fingerprint on the host itself, then re-pin it: longshore host re-pin.',
            },
          );
      }
    },
    async forget(hostId) {
      const known = clients.get(hostId);
      clients.delete(hostId);
      await known?.client.close();
    },
    async close() {
      const all = [...clients.values()];
      clients.clear();
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}
