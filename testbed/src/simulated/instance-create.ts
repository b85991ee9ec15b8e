import { z } from 'zod';
import { type Call, configSchema, devicesSchema, parseBody, projectOf } from './call.ts';
import type { HostState, ImageRecord } from './host-state.ts';
import { ownConfig } from './instance-json.ts';
import { defaultProfiles, type InstanceRecord, noConfig, noSnapshots } from './instance-record.ts';
import {
  checkConfig,
  checkDevices,
  checkFree,
  checkName,
  checkProfiles,
  devicesOrNone,
  withConfig,
} from './instance-rules.ts';
import { setState } from './instance-state.ts';
import { awaitMigration, type MigrationPayload, peerSession } from './migration.ts';
import { ApiError, type Reply } from './reply.ts';

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Body of `POST /1.0/instances` (LXD rest-api: InstancesPost, InstanceSource). */
const createSchema = z.object({
  name: optionalText,
  type: optionalText,
  architecture: optionalText,
  description: optionalText,
  ephemeral: z.boolean().optional(),
  config: configSchema,
  devices: devicesSchema,
  profiles: z.array(z.string()).nullish(),
  /** Incus: start it in the same operation. */
  start: z.boolean().optional(),
  source: z.object({
    type: optionalText,
    alias: optionalText,
    fingerprint: optionalText,
    mode: optionalText,
    server: optionalText,
    secret: optionalText,
    source: optionalText,
    project: optionalText,
    operation: optionalText,
    secrets: configSchema,
    instance_only: z.boolean().optional(),
    container_only: z.boolean().optional(),
  }),
});

type CreateBody = z.infer<typeof createSchema>;

/** Those of every simulated host; only a migration has to name one of them. */
const architectures = ['x86_64', 'i686'];

/** `POST /1.0/instances`. */
export function createInstance(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const body = parseBody(call, createSchema);
  const { source } = body;
  if (!['image', 'none', 'copy', 'migration'].includes(source.type)) {
    throw new ApiError(400, `Unknown source type ${source.type}`);
  }
  if (source.type === 'migration' && !architectures.includes(body.architecture)) {
    throw new ApiError(400, `Architecture isn't supported: ${body.architecture}`);
  }
  if (!host.projects.has(project)) throw new ApiError(404, 'Project not found');
  const name = body.name === '' ? `instance-${host.nextId()}` : body.name;
  checkName('instance', name);
  checkProfiles(host, body.profiles ?? []);
  const original = source.type === 'copy' ? host.instance(source.project || project, source.source) : null;
  const image = source.type === 'image' ? findImage(host, body) : null;
  if (image === undefined && host.kind === 'lxd') {
    throw new ApiError(404, source.alias === '' ? 'Image not found' : 'Image alias not found');
  }
  const url = `/1.0/instances/${name}`;
  const create = (payload: MigrationPayload | null) => {
    if (image === undefined) throw new ApiError(500, 'Image not provided for instance creation');
    const made = build(host, project, name, body, { original, image, payload });
    if (body.start && host.kind === 'incus') setState(host, made, 'Running', 'started', call.requestor);
  };
  if (source.type === 'migration' && source.mode === 'push') {
    return { kind: 'async', operation: awaitMigration(host, project, url, create) };
  }
  const resources = original ? [url, host.instanceUrl(original.project, original.name)] : [url];
  const operation = host.operations.start({
    project,
    description: 'Creating instance',
    resources: instanceResources(host, resources),
    run: (progress) => {
      const pulled = source.type === 'migration' ? pull(host, body) : null;
      create(pulled);
      if (source.type !== 'image') return undefined;
      progress(unpacked(40));
      return unpacked(100);
    },
  });
  return { kind: 'async', operation };
}

/** Resources of an operation on instances: LXD names them twice, Incus once. */
export function instanceResources(
  host: HostState,
  urls: readonly string[],
): Record<string, readonly string[]> {
  if (host.kind === 'incus') return { instances: urls };
  const plain = urls.map((url) => url.replace(/\?.*$/, '')); // LXD leaves the project out here
  return { containers: plain.map((url) => url.replace('/instances/', '/containers/')), instances: plain };
}

function unpacked(percent: number) {
  return {
    create_instance_from_image_unpack_progress: `Unpack: ${percent}% (18.30MB/s)`,
    progress: { percent: String(percent), speed: '18299220', stage: 'create_instance_from_image_unpack' },
  };
}

/** undefined: there is none. Images of other simulated hosts are copied over, as LXD does before it unpacks. */
function findImage(host: HostState, body: CreateBody): ImageRecord | undefined {
  const { server, alias, fingerprint } = body.source;
  const from = server === '' ? host : host.findPeer(URL.parse(server)?.origin ?? '');
  const target = alias === '' ? fingerprint : (from?.aliases.get(alias)?.target ?? '');
  if (!from || target === '') return undefined;
  const found = [...from.images.values()].find((image) => image.fingerprint.startsWith(target));
  if (found && from !== host) host.images.set(found.fingerprint, { ...found, cached: true });
  return found;
}

function pull(host: HostState, body: CreateBody): MigrationPayload {
  const session = peerSession(host, body.source.operation, body.source.secrets ?? {});
  const payload = session.take?.();
  if (!payload) throw new ApiError(500, 'websocket: bad handshake');
  return payload;
}

interface Origin {
  readonly original: InstanceRecord | null;
  readonly image: ImageRecord | null;
  readonly payload: MigrationPayload | null;
}

function build(
  host: HostState,
  project: string,
  name: string,
  body: CreateBody,
  origin: Origin,
): InstanceRecord {
  const { original, image, payload } = origin;
  checkFree(host, project, name);
  checkConfig(body.config);
  const onlyInstance = body.source.instance_only === true || body.source.container_only === true;
  const now = host.now();
  // LXD 5 copies no profiles unless it is told them; Incus takes the original's
  const copied = host.kind === 'lxd' ? [] : original?.profiles;
  const type = body.type === '' ? (payload ?? original ?? image)?.type : body.type;
  const bare: InstanceRecord = {
    id: host.nextId(),
    name,
    project,
    type: type === 'virtual-machine' ? 'virtual-machine' : 'container',
    status: 'Stopped',
    description: body.description,
    ephemeral: body.ephemeral ?? false,
    image: image?.fingerprint ?? original?.image ?? '',
    profiles: body.profiles ?? (original ? (copied ?? []) : defaultProfiles),
    config: noConfig,
    devices: devicesOrNone({ ...original?.devices, ...body.devices }),
    snapshots: onlyInstance ? noSnapshots : ((payload ?? original)?.snapshots ?? noSnapshots),
    createdAtMs: now,
    lastUsedAtMs: payload?.lastUsedAtMs ?? 0,
  };
  const inherited = original ? copyableConfig(ownConfig(host, original)) : {};
  const record = withConfig(host, bare, { ...inherited, ...body.config });
  checkDevices(host, record);
  host.put(record);
  const context = { 'storage-pool': 'default', type: record.type };
  host.tellInstance('created', project, name, {
    context: host.kind === 'incus' ? { location: 'none', ...context } : context,
  });
  for (const snapshot of record.snapshots) {
    host.tell('instance-snapshot-created', project, `/1.0/instances/${name}/snapshots/${snapshot.name}`);
  }
  return record;
}

/** A local copy keeps the keys of the image and of the person, and gets volatile ones of its own. */
function copyableConfig(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith('volatile.')));
}
