import { z } from 'zod';
import { type Call, configSchema, devicesSchema, nameAt, parseBody, projectOf, recursion } from './call.ts';
import { matchesFilter } from './filter.ts';
import { type HostState, type NamedObject, projectSuffix } from './host-state.ts';
import { expandedDevices } from './instance-json.ts';
import { noConfig } from './instance-record.ts';
import { devicesOrNone } from './instance-rules.ts';
import { ApiError, checkEtag, done, type Reply, sync } from './reply.ts';

/** One kind of named object: where it lives, how it is called, how it is rendered. */
interface Kind {
  readonly path: string;
  readonly event: string;
  /** What a 404 calls it. */
  readonly missing: string;
  /** Lists show all of them whatever the project. */
  readonly objects: (host: HostState) => Map<string, NamedObject>;
  readonly json: (host: HostState, object: NamedObject) => object;
  /** Throws when it must not go away. */
  readonly checkDelete: (host: HostState, object: NamedObject) => void;
  /** The refusal of a second one of the same name. */
  readonly taken: (host: HostState, name: string) => ApiError;
}

function usedBy(host: HostState, uses: (devices: Readonly<Record<string, string>>) => boolean): string[] {
  const profiles = [...host.profiles.values()]
    .filter((profile) => Object.values(profile.devices).some(uses))
    .map((profile) => `/1.0/profiles/${profile.name}`);
  const instances = host
    .listInstances(null)
    .filter((instance) => Object.values(expandedDevices(host, instance)).some(uses))
    .map((instance) => host.instanceUrl(instance.project, instance.name));
  return [...profiles, ...instances];
}

const inUse = (what: string) => (used: readonly string[]) => {
  if (used.length > 0) throw new ApiError(400, `The ${what} is currently in use`);
};

const networkUse = (name: string) => (device: Readonly<Record<string, string>>) =>
  device.network === name || device.parent === name;
const poolUse = (name: string) => (device: Readonly<Record<string, string>>) => device.pool === name;

function profileUse(host: HostState, name: string): string[] {
  const instances = host.listInstances(null).filter((instance) => instance.profiles.includes(name));
  return instances.map((instance) => host.instanceUrl(instance.project, instance.name));
}

function projectUse(host: HostState, name: string): string[] {
  const instances = host.listInstances(name).map((instance) => host.instanceUrl(name, instance.name));
  if (name !== 'default') return instances;
  const profiles = [...host.profiles.keys()].map((profile) => `/1.0/profiles/${profile}`);
  return [...instances, ...profiles, ...[...host.images.keys()].map((image) => `/1.0/images/${image}`)];
}

const kinds = {
  profiles: {
    path: '/1.0/profiles',
    event: 'profile',
    missing: 'Profile',
    objects: (host) => host.profiles,
    json: (host, { name, description, config, devices }) => ({
      config,
      description,
      devices,
      name,
      used_by: profileUse(host, name),
      ...(host.kind === 'incus' ? { project: 'default' } : {}),
    }),
    checkDelete: (host, { name }) => {
      if (name === 'default') throw new ApiError(403, "The 'default' profile cannot be deleted");
      if (profileUse(host, name).length > 0) throw new ApiError(500, 'Profile is currently in use');
    },
    taken: (_, name) =>
      new ApiError(500, `Error inserting "${name}" into database: The profile already exists`),
  },
  networks: {
    path: '/1.0/networks',
    event: 'network',
    missing: 'Network',
    objects: (host) => host.networks,
    json: (host, { name, description, config, type, managed }) => ({
      config,
      description,
      name,
      type,
      used_by: usedBy(host, networkUse(name)),
      managed,
      status: managed ? 'Created' : '',
      locations: managed ? ['none'] : null,
    }),
    checkDelete: (host, { name, managed }) => {
      if (!managed) throw new ApiError(400, 'Only managed networks can be deleted');
      inUse('network')(usedBy(host, networkUse(name)));
    },
    taken: () => new ApiError(400, 'The network already exists'),
  },
  'storage-pools': {
    path: '/1.0/storage-pools',
    event: 'storage-pool',
    missing: 'Storage pool',
    objects: (host) => host.pools,
    json: (host, { name, description, config, type }) => ({
      config,
      description,
      name,
      driver: type,
      used_by: usedBy(host, poolUse(name)),
      status: 'Created',
      locations: ['none'],
    }),
    checkDelete: (host, { name }) => inUse('storage pool')(usedBy(host, poolUse(name))),
    taken: () => new ApiError(400, 'Storage pool already exists'),
  },
  projects: {
    path: '/1.0/projects',
    event: 'project',
    missing: 'Project',
    objects: (host) => host.projects,
    json: (host, { name, description, config }) => ({
      config,
      description,
      name,
      used_by: projectUse(host, name),
    }),
    checkDelete: (host, { name }) => {
      if (name === 'default') throw new ApiError(403, "The 'default' project cannot be deleted");
      const dot = host.kind === 'incus' ? '.' : '';
      if (projectUse(host, name).length > 0)
        throw new ApiError(500, `Only empty projects can be removed${dot}`);
    },
    taken: (host, name) => {
      const head = `Failed creating project "${name}": Failed adding database record:`;
      if (host.kind === 'lxd') return new ApiError(409, `${head} This "projects" entry already exists`);
      return new ApiError(
        500,
        `${head} Failed to create "projects" entry: UNIQUE constraint failed: projects.name`,
      );
    },
  },
} as const satisfies Record<string, Kind>;

const writeSchema = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  config: configSchema,
  devices: devicesSchema,
  type: z.string().optional(),
  driver: z.string().optional(),
});

/** The verbs of one kind of named object, ready for the route table. */
export function namedObjectRoutes(collection: keyof typeof kinds) {
  const kind: Kind = kinds[collection];
  const find = (call: Call): NamedObject => {
    const object = kind.objects(call.host).get(nameAt(call, 0));
    if (!object) throw new ApiError(404, `${kind.missing} not found`);
    return object;
  };
  const url = (name: string) => `${kind.path}/${name}`;
  const eventProject = (call: Call, name: string) => (collection === 'projects' ? name : projectOf(call));
  const tell = (call: Call, what: string, name: string, context?: Record<string, unknown>) => {
    const extra = context === undefined ? {} : { context };
    const source = `${url(name)}${collection === 'projects' ? '' : projectSuffix(projectOf(call))}`;
    call.host.tell(`${kind.event}-${what}`, eventProject(call, name), source, {
      ...extra,
      requestor: call.requestor,
    });
  };
  const etagOf = ({ config, description, devices }: NamedObject) => [config, description, devices];

  return {
    list: (call: Call): Reply => {
      const filter = call.query.get('filter') ?? '';
      const objects = [...kind.objects(call.host).values()].filter(
        (object) => filter === '' || matchesFilter(filter, kind.json(call.host, object)),
      );
      if (recursion(call) === 0) return sync(objects.map(({ name }) => url(name)));
      return sync(objects.map((object) => kind.json(call.host, object)));
    },
    get: (call: Call): Reply => {
      const object = find(call);
      return sync(kind.json(call.host, object), etagOf(object));
    },
    create: (call: Call): Reply => {
      const body = parseBody(call, writeSchema);
      const name = body.name ?? '';
      if (name === '') throw new ApiError(400, 'No name provided');
      if (kind.objects(call.host).has(name)) throw kind.taken(call.host, name);
      kind.objects(call.host).set(name, {
        name,
        description: body.description ?? '',
        config: body.config ?? noConfig,
        devices: devicesOrNone(body.devices),
        type: body.driver ?? body.type ?? (collection === 'networks' ? 'bridge' : ''),
        managed: true,
      });
      tell(call, 'created', name);
      return { kind: 'created', location: url(name) };
    },
    update: (call: Call): Reply => {
      const object = find(call);
      checkEtag(call.ifMatch, etagOf(object));
      const body = parseBody(call, writeSchema);
      const patch = call.method === 'PATCH';
      kind.objects(call.host).set(object.name, {
        ...object,
        description: body.description ?? (patch ? object.description : ''),
        config: patch ? { ...object.config, ...body.config } : (body.config ?? noConfig),
        devices: devicesOrNone(patch ? { ...object.devices, ...body.devices } : body.devices),
      });
      tell(call, 'updated', object.name);
      return done;
    },
    rename: (call: Call): Reply => {
      const object = find(call);
      const { name } = parseBody(call, z.object({ name: z.string() }));
      if (kind.objects(call.host).has(name)) throw new ApiError(409, `Name "${name}" already in use`);
      kind.checkDelete(call.host, object);
      kind.objects(call.host).delete(object.name);
      kind.objects(call.host).set(name, { ...object, name });
      tell(call, 'renamed', name, { old_name: object.name });
      return { kind: 'created', location: url(name) };
    },
    delete: (call: Call): Reply => {
      const object = find(call);
      kind.checkDelete(call.host, object);
      kind.objects(call.host).delete(object.name);
      tell(call, 'deleted', object.name);
      return done;
    },
  };
}

const gib = 1024 ** 3;

/** `GET …/storage-pools/NAME/resources`: 1 TiB, 2 GiB of it used by each instance. */
export function getPoolResources(call: Call): Reply {
  // 500 it is, on LXD and Incus, unlike the pool itself
  if (!call.host.pools.has(nameAt(call, 0))) throw new ApiError(500, 'Storage pool not found');
  const instances = call.host.listInstances(null).length;
  return sync({
    space: { used: (10 + 2 * instances) * gib, total: 1024 * gib },
    inodes: { used: 100_000 + 5_000 * instances, total: 16_777_216 },
  });
}

/** `GET …/storage-pools/NAME/volumes`: one for each instance, none of people's own. */
export function listVolumes(call: Call): Reply {
  const { host } = call;
  const pool = nameAt(call, 0);
  if (!host.pools.has(pool)) throw new ApiError(404, 'Storage pool not found');
  const instances = host.listInstances(projectOf(call));
  if (recursion(call) === 0) {
    return sync(instances.map(({ type, name }) => `/1.0/storage-pools/${pool}/volumes/${type}/${name}`));
  }
  return sync(
    instances.map(({ type, name, project }) => ({
      config: {},
      description: '',
      name,
      type,
      used_by: [host.instanceUrl(project, name)],
      location: 'none',
      content_type: type === 'container' ? 'filesystem' : 'block',
      project,
    })),
  );
}

/** `GET …/networks/NAME/state`: only the fields a fleet reads. */
export function getNetworkState(call: Call): Reply {
  const network = call.host.networks.get(nameAt(call, 0));
  if (!network) throw new ApiError(404, 'Network not found');
  const [address = '', netmask = ''] = (network.config['ipv4.address'] ?? '').split('/');
  return sync({
    addresses: address === '' ? [] : [{ family: 'inet', address, netmask, scope: 'global' }],
    counters: { bytes_received: 0, bytes_sent: 0, packets_received: 0, packets_sent: 0 },
    hwaddr: '00:16:3e:00:00:01',
    mtu: network.type === 'loopback' ? 65536 : 1500,
    state: 'up',
    type: network.type === 'loopback' ? 'loopback' : 'broadcast',
    bond: null,
    bridge: null,
    vlan: null,
    ovn: null,
  });
}
