import type { HostConnection } from '../hosts/host-connections.ts';
import { findInstance, isHalfOf } from './host-instance.ts';
import type { TargetFacts } from './pre-flight.ts';

/** Reads from a host what {@link TargetFacts} wants to know, all at once. `ownMark` tells our own half-made work. */
export async function readTargetFacts(
  { host, client }: HostConnection,
  place: { readonly name: string; readonly lxdProject: string },
  ownMark: { readonly instanceId: string; readonly operationId: string; readonly key: string },
  signal: AbortSignal,
): Promise<TargetFacts> {
  const scope = { project: place.lxdProject, signal };
  const [server, projects] = await Promise.all([
    client.server.get({ signal }),
    client.projects.list({ signal }),
  ]);
  const base = {
    hostName: host.name,
    architectures: server.architectures,
    driver: server.driver,
    projects: projects.map((project) => project.name),
  };
  if (!base.projects.includes(place.lxdProject)) {
    return { ...base, profiles: [], networks: [], pools: [], nameTaken: false };
  }
  const [profiles, networks, pools, present] = await Promise.all([
    client.profiles.list(scope),
    client.networks.list(scope),
    client.storagePools.list({ signal }),
    findInstance(client, place.name, scope),
  ]);
  const sized = await Promise.all(
    pools.map(async ({ name }) => {
      const { space } = await client.storagePools.resources(name, { signal });
      // Drivers that cannot tell answer zero.
      return { name, freeBytes: space.total > 0 ? space.total - space.used : null };
    }),
  );
  return {
    ...base,
    profiles,
    networks: networks.map((network) => network.name),
    pools: sized,
    nameTaken: present !== undefined && !isHalfOf(present, ownMark),
  };
}
