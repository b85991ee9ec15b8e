import type { Host, HostResources, StoragePool } from '@longshore/contract';
import { type Image, isLxdError, type LxdClient, type ServerInfo } from '@longshore/lxd';
import { momentOf } from './instance-observation.ts';

/** An image as a host lists it, under the column names of `host_images`. */
export type ImageObservation = {
  readonly lxd_project: string;
  readonly fingerprint: string;
  readonly description: string;
  readonly type: 'container' | 'virtual-machine';
  readonly architecture: string;
  readonly size_bytes: number;
  readonly aliases: readonly string[];
  readonly created_at: string | null;
};

/** What a host is and has, apart from its instances. */
export type HostFacts = {
  readonly lxdProjects: readonly string[];
  readonly profiles: Host['profiles'];
  readonly networks: Host['networks'];
  readonly images: readonly ImageObservation[];
};

/** A host with more projects than this is read in its first ones; LXD itself gets slow long before. */
const MAX_PROJECTS = 500;
const MAX_ENTRIES = 5_000;
const FINGERPRINT = /^[0-9a-f]{64}$/;

type Features = {
  readonly name: string;
  readonly profiles: boolean;
  readonly networks: boolean;
  readonly images: boolean;
};

/**
 * Reads projects, profiles, networks and images. A project without a feature shares that of the default project, so
 * it is asked for only where it has its own.
 * @throws LxdError
 */
export async function readHostFacts(client: LxdClient, signal: AbortSignal): Promise<HostFacts> {
  const projects = await featuresOfProjects(client, signal);
  const profiles: Host['profiles'] = [];
  const networks: Host['networks'] = [];
  const images: ImageObservation[] = [];
  for (const project of projects) {
    const options = { project: project.name, signal };
    if (project.profiles) {
      const found = await mayBeForbidden(client.profiles.list(options));
      profiles.push(...found.map(({ name }) => ({ lxdProject: project.name, name })));
    }
    if (project.networks) {
      const found = await mayBeForbidden(client.networks.list(options));
      networks.push(
        ...found.map(({ name, type, managed }) => ({ lxdProject: project.name, name, type, managed })),
      );
    }
    if (project.images) {
      const found = await mayBeForbidden(client.images.list(options));
      images.push(...found.flatMap((image) => observeImage(image, project.name)));
    }
  }
  return {
    lxdProjects: projects.map(({ name }) => name).sort(),
    profiles: sorted(profiles).slice(0, MAX_ENTRIES),
    networks: sorted(networks).slice(0, MAX_ENTRIES),
    images: images.slice(0, MAX_ENTRIES),
  };
}

async function featuresOfProjects(client: LxdClient, signal: AbortSignal): Promise<Features[]> {
  const projects = (await client.projects.list({ signal })).slice(0, MAX_PROJECTS);
  const has = (config: Readonly<Record<string, string>>, feature: string): boolean =>
    config[feature] === 'true';
  return projects.map(({ name, config }) => ({
    name,
    profiles: name === 'default' || has(config, 'features.profiles'),
    networks: name === 'default' || has(config, 'features.networks'),
    images: name === 'default' || has(config, 'features.images'),
  }));
}

/** What a restricted certificate may not see is not there for us. */
async function mayBeForbidden<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list;
  } catch (error) {
    if (isLxdError(error, 'forbidden')) return [];
    throw error;
  }
}

function observeImage(image: Image, project: string): ImageObservation[] {
  if (!FINGERPRINT.test(image.fingerprint)) return [];
  const { type } = image;
  if (type !== 'container' && type !== 'virtual-machine') return [];
  return [
    {
      lxd_project: project,
      fingerprint: image.fingerprint,
      description: (image.properties.description ?? '').slice(0, 1024),
      type,
      architecture: image.architecture,
      size_bytes: Math.max(0, Math.trunc(image.size)),
      aliases: image.aliases.map(({ name }) => name).sort(),
      created_at: momentOf(image.created_at),
    },
  ];
}

/** Size and use of the host and its pools, in bytes. What the host does not tell of a pool is null. */
export async function readResources(client: LxdClient, signal: AbortSignal): Promise<HostResources | null> {
  const resources = await mayBeNull(client.server.resources({ signal }));
  const pools = await client.storagePools.list({ signal });
  const measured: StoragePool[] = [];
  for (const { name, driver } of pools.slice(0, MAX_PROJECTS)) {
    const space = await mayBeNull(client.storagePools.resources(name, { signal }));
    measured.push({
      name,
      driver,
      totalBytes: space?.space.total || null,
      usedBytes: space?.space.used ?? null,
    });
  }
  if (resources === null) return null;
  return {
    cpuThreads: resources.cpu.total,
    memoryTotalBytes: resources.memory.total,
    memoryUsedBytes: resources.memory.used,
    cpuUsedPercent: null,
    pools: measured.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Some pools and hosts do not tell (drivers without quota, restricted certificates): no reason to stop. */
async function mayBeNull<T>(reply: Promise<T>): Promise<T | null> {
  try {
    return await reply;
  } catch (error) {
    if (isLxdError(error, 'forbidden', 'not-found', 'bad-request', 'server-error', 'bad-reply')) return null;
    throw error;
  }
}

/** The identity of a server under whatever address: its certificate's fingerprint, which a cluster's members share. */
export function serverIdentity(info: ServerInfo): string | null {
  return /^[0-9a-f]{64}$/i.test(info.certificateFingerprint)
    ? info.certificateFingerprint.toLowerCase()
    : null;
}

function sorted<T extends { readonly lxdProject: string; readonly name: string }>(
  entries: readonly T[],
): T[] {
  const key = (entry: T): string => `${entry.lxdProject}\n${entry.name}`;
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
