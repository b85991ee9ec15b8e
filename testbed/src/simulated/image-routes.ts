import { z } from 'zod';
import { type Call, configSchema, nameAt, parseBody, recursion } from './call.ts';
import { matchesFilter } from './filter.ts';
import type { AliasRecord, HostState, ImageRecord } from './host-state.ts';
import { zeroTime } from './instance-record.ts';
import { newSecret } from './migration.ts';
import { ApiError, checkEtag, done, type Reply, sync } from './reply.ts';

/** LXD rest-api: Image. */
function imageJson(host: HostState, image: ImageRecord) {
  const aliases = [...host.aliases.values()].filter((alias) => alias.target === image.fingerprint);
  return {
    auto_update: image.autoUpdate,
    properties: image.properties,
    public: image.public,
    expires_at: host.kind === 'lxd' ? '1970-01-01T00:00:00Z' : zeroTime,
    profiles: ['default'],
    aliases: aliases.map(({ name, description }) => ({ name, description })),
    architecture: 'x86_64',
    cached: image.cached,
    filename: `${image.properties.os ?? 'image'}.tar.gz`,
    fingerprint: image.fingerprint,
    size: image.size,
    type: image.type,
    created_at: new Date(image.createdAtMs).toISOString(),
    last_used_at: zeroTime,
    uploaded_at: new Date(image.uploadedAtMs).toISOString(),
    ...(host.kind === 'incus' ? { project: 'default' } : {}),
  };
}

const imageEtag = (image: ImageRecord) => [image.public, image.autoUpdate, image.properties];

/** By its fingerprint or the beginning of it, if only one begins so. */
function findImage(host: HostState, fingerprint: string): ImageRecord {
  const found = [...host.images.values()].filter((image) => image.fingerprint.startsWith(fingerprint));
  const [image] = found;
  if (found.length > 1) throw new ApiError(400, 'Image fingerprint matches more than one image');
  if (!image) throw new ApiError(404, 'Image not found');
  return image;
}

/** `GET /1.0/images`. */
export function listImages(call: Call): Reply {
  const { host } = call;
  const filter = call.query.get('filter') ?? '';
  const images = [...host.images.values()].filter(
    (image) => filter === '' || matchesFilter(filter, imageJson(host, image)),
  );
  if (recursion(call) === 0) return sync(images.map(({ fingerprint }) => `/1.0/images/${fingerprint}`));
  return sync(images.map((image) => imageJson(host, image)));
}

/** `GET /1.0/images/FINGERPRINT`. */
export function getImage(call: Call): Reply {
  const image = findImage(call.host, nameAt(call, 0));
  return sync(imageJson(call.host, image), imageEtag(image));
}

const copySchema = z.object({
  public: z.boolean().optional(),
  auto_update: z.boolean().optional(),
  aliases: z.array(z.object({ name: z.string(), description: z.string().optional() })).nullish(),
  source: z.object({
    type: z.string(),
    server: z.string().optional(),
    fingerprint: z.string().optional(),
    alias: z.string().optional(),
    secret: z.string().optional(),
  }),
});

/** `POST /1.0/images`: a copy from another simulated host. Uploads are not simulated. */
export function createImage(call: Call): Reply {
  const { host } = call;
  const body = parseBody(call, copySchema);
  if (body.source.type !== 'image') throw new ApiError(501, 'The simulation copies images, it makes none');
  const { server = '', alias, fingerprint = '', secret = '' } = body.source;
  const find = () => {
    const from = host.findPeer(URL.parse(server)?.origin ?? '');
    if (!from) throw new ApiError(500, `Failed getting remote image info: cannot reach ${server}`);
    const image = findImage(from, alias ? (from.aliases.get(alias)?.target ?? 'none') : fingerprint);
    if (image.public || knowsSecret(from, secret)) return image;
    throw new ApiError(404, `Image "${fingerprint}" not found`);
  };
  if (host.kind === 'incus') find(); // looks before it starts, LXD in the operation
  const operation = host.operations.start({
    project: 'default',
    description: 'Downloading image',
    resources: null,
    run: () => {
      const image = find();
      const settings = { public: body.public ?? false, autoUpdate: body.auto_update ?? false };
      host.images.set(image.fingerprint, { ...image, ...settings, cached: false, uploadedAtMs: host.now() });
      host.tell('image-created', 'default', `/1.0/images/${image.fingerprint}`, {
        requestor: call.requestor,
      });
      for (const { name, description = '' } of body.aliases ?? []) {
        host.aliases.set(name, { name, target: image.fingerprint, description });
      }
      return { fingerprint: image.fingerprint, size: String(image.size) };
    },
  });
  return { kind: 'async', operation };
}

function knowsSecret(host: HostState, secret: string): boolean {
  const tokens = host.operations
    .list('default')
    .filter((one) => one.class === 'token' && one.status === 'Running');
  return tokens.some(({ metadata }) => metadata?.secret === secret);
}

/** `PUT` and `PATCH /1.0/images/FINGERPRINT`. */
export function updateImage(call: Call): Reply {
  const { host } = call;
  const image = findImage(host, nameAt(call, 0));
  checkEtag(call.ifMatch, imageEtag(image));
  const schema = z.object({
    public: z.boolean().optional(),
    auto_update: z.boolean().optional(),
    properties: configSchema,
  });
  const body = parseBody(call, schema);
  const kept = call.method === 'PATCH' ? image : { public: false, autoUpdate: false, properties: {} };
  host.images.set(image.fingerprint, {
    ...image,
    public: body.public ?? kept.public,
    autoUpdate: body.auto_update ?? kept.autoUpdate,
    properties:
      call.method === 'PATCH' ? { ...kept.properties, ...body.properties } : (body.properties ?? {}),
  });
  host.tell('image-updated', 'default', `/1.0/images/${image.fingerprint}`, { requestor: call.requestor });
  return done;
}

/** `DELETE /1.0/images/FINGERPRINT`, with its aliases. */
export function deleteImage(call: Call): Reply {
  const { host } = call;
  const { fingerprint } = findImage(host, nameAt(call, 0));
  const url = `/1.0/images/${fingerprint}`;
  const operation = host.operations.start({
    project: 'default',
    description: 'Deleting image',
    resources: { images: [url] },
    run: () => {
      host.images.delete(fingerprint);
      for (const { name, target } of host.aliases.values())
        if (target === fingerprint) host.aliases.delete(name);
      host.tell('image-deleted', 'default', url, { requestor: call.requestor });
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** `POST …/secret`: a token with which another server may fetch a private image. */
export function createImageSecret(call: Call): Reply {
  const { host } = call;
  const url = `/1.0/images/${findImage(host, nameAt(call, 0)).fingerprint}`;
  const operation = host.operations.start({
    project: 'default',
    class: 'token',
    description: 'Image download token',
    resources: { images: [url] },
    metadata: { secret: newSecret() },
    mayCancel: true,
  });
  host.tell('image-secret-created', 'default', url, { requestor: call.requestor });
  return { kind: 'async', operation };
}

function aliasJson(host: HostState, alias: AliasRecord) {
  const type = host.images.get(alias.target)?.type ?? 'container';
  return { description: alias.description, target: alias.target, name: alias.name, type };
}

function findAlias(call: Call): AliasRecord {
  const alias = call.host.aliases.get(nameAt(call, 0));
  if (!alias) throw new ApiError(404, 'Image alias not found');
  return alias;
}

function tellAlias(call: Call, what: string, name: string, context?: Record<string, unknown>): void {
  const extra = context === undefined ? {} : { context };
  call.host.tell(`image-alias-${what}`, 'default', `/1.0/images/aliases/${name}`, {
    ...extra,
    requestor: call.requestor,
  });
}

/** `GET /1.0/images/aliases`. */
export function listAliases(call: Call): Reply {
  const { host } = call;
  const aliases = [...host.aliases.values()];
  if (recursion(call) === 0) return sync(aliases.map(({ name }) => `/1.0/images/aliases/${name}`));
  return sync(aliases.map((alias) => aliasJson(host, alias)));
}

/** `GET /1.0/images/aliases/NAME`. */
export function getAlias(call: Call): Reply {
  const alias = findAlias(call);
  return sync(aliasJson(call.host, alias), [alias]);
}

const aliasSchema = z.object({
  name: z.string().optional(),
  target: z.string().optional(),
  description: z.string().optional(),
});

/** `POST /1.0/images/aliases`. */
export function createAlias(call: Call): Reply {
  const { host } = call;
  const { name = '', target = '', description = '' } = parseBody(call, aliasSchema);
  if (name === '' || target === '') throw new ApiError(400, 'name and target are required');
  if (host.aliases.has(name)) throw new ApiError(409, `Alias "${name}" already exists`);
  host.aliases.set(name, { name, target: findImage(host, target).fingerprint, description });
  tellAlias(call, 'created', name, { target });
  return { kind: 'created', location: `/1.0/images/aliases/${name}` };
}

/** `PUT` and `PATCH /1.0/images/aliases/NAME`. */
export function updateAlias(call: Call): Reply {
  const { host } = call;
  const alias = findAlias(call);
  checkEtag(call.ifMatch, [alias]);
  const body = parseBody(call, aliasSchema);
  const patch = call.method === 'PATCH';
  const target = body.target ?? (patch ? alias.target : '');
  if (target === '') throw new ApiError(400, 'The target field is required');
  const description = body.description ?? (patch ? alias.description : '');
  host.aliases.set(alias.name, { ...alias, target: findImage(host, target).fingerprint, description });
  tellAlias(call, 'updated', alias.name, { target });
  return done;
}

/** `POST /1.0/images/aliases/NAME`: rename. */
export function renameAlias(call: Call): Reply {
  const { host } = call;
  const alias = findAlias(call);
  const { name = '' } = parseBody(call, aliasSchema);
  if (host.aliases.has(name)) throw new ApiError(409, `Alias "${name}" already exists`);
  host.aliases.delete(alias.name);
  host.aliases.set(name, { ...alias, name });
  tellAlias(call, 'renamed', name, { old_name: alias.name });
  return { kind: 'created', location: `/1.0/images/aliases/${name}` };
}

/** `DELETE /1.0/images/aliases/NAME`. */
export function deleteAlias(call: Call): Reply {
  const { name } = findAlias(call);
  call.host.aliases.delete(name);
  tellAlias(call, 'deleted', name);
  return done;
}
