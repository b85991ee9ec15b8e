import type { Call } from './call.ts';
import * as certificates from './certificate-routes.ts';
import { execCommand } from './exec.ts';
import * as images from './image-routes.ts';
import { createInstance } from './instance-create.ts';
import * as instances from './instance-routes.ts';
import { getState, putState } from './instance-state.ts';
import { getNetworkState, getPoolResources, listVolumes, namedObjectRoutes } from './named-objects.ts';
import * as operations from './operation-routes.ts';
import { ApiError, type Reply, sync } from './reply.ts';
import * as server from './server-routes.ts';
import * as snapshots from './snapshots.ts';

type Handler = (call: Call) => Reply;

/** A place in the API: who may come, and what each method does. */
export interface Route {
  /** Path with `{…}` for names; also the key under which requests are counted. */
  readonly pattern: string;
  /** May be asked without a trusted certificate. */
  readonly open: boolean;
  readonly methods: Readonly<Record<string, Handler>>;
}

function named(collection: Parameters<typeof namedObjectRoutes>[0]): Route[] {
  const verbs = namedObjectRoutes(collection);
  const one = {
    GET: verbs.get,
    PUT: verbs.update,
    PATCH: verbs.update,
    POST: verbs.rename,
    DELETE: verbs.delete,
  };
  return [
    route(`/1.0/${collection}`, { GET: verbs.list, POST: verbs.create }),
    route(`/1.0/${collection}/{name}`, one),
  ];
}

function route(pattern: string, methods: Readonly<Record<string, Handler>>, open = false): Route {
  return { pattern, open, methods };
}

/** An empty list of something that belongs to an object; 404 where the object itself would be. */
function emptyOf(owner: Handler): Handler {
  return (call) => {
    owner(call);
    return sync([]);
  };
}

const instance = '/1.0/instances/{name}';

/** `/1.0/operations/ID/wait` and the websockets answer by themselves; see the listener. */
export const routes: readonly Route[] = [
  route('/', { GET: () => sync(['/1.0']) }, true),
  route('/1.0', { GET: server.getServer, PUT: server.putServer, PATCH: server.putServer }, true),
  route('/1.0/resources', { GET: server.getResources }),
  route('/1.0/cluster', { GET: server.getCluster }),
  route('/1.0/metrics', { GET: server.getMetrics }),
  route('/1.0/warnings', { GET: () => sync([]) }),
  route('/1.0/events', {}),
  route('/1.0/instances', { GET: instances.listInstances, POST: createInstance }),
  route(instance, {
    GET: instances.getInstance,
    PUT: instances.putInstance,
    PATCH: instances.patchInstance,
    POST: instances.postInstance,
    DELETE: instances.deleteInstance,
  }),
  route(`${instance}/state`, { GET: getState, PUT: putState }),
  route(`${instance}/exec`, { POST: execCommand }),
  route(`${instance}/backups`, { GET: emptyOf(getState) }),
  route(`${instance}/logs`, { GET: emptyOf(getState) }),
  route(`${instance}/snapshots`, { GET: snapshots.listSnapshots, POST: snapshots.createSnapshot }),
  route(`${instance}/snapshots/{snapshot}`, {
    GET: snapshots.getSnapshot,
    PUT: snapshots.updateSnapshot,
    PATCH: snapshots.updateSnapshot,
    POST: snapshots.postSnapshot,
    DELETE: snapshots.deleteSnapshot,
  }),
  route('/1.0/images', { GET: images.listImages, POST: images.createImage }),
  route('/1.0/images/aliases', { GET: images.listAliases, POST: images.createAlias }),
  route('/1.0/images/aliases/{name}', {
    GET: images.getAlias,
    PUT: images.updateAlias,
    PATCH: images.updateAlias,
    POST: images.renameAlias,
    DELETE: images.deleteAlias,
  }),
  route('/1.0/images/{fingerprint}', {
    GET: images.getImage,
    PUT: images.updateImage,
    PATCH: images.updateImage,
    DELETE: images.deleteImage,
  }),
  route('/1.0/images/{fingerprint}/secret', { POST: images.createImageSecret }),
  ...named('profiles'),
  ...named('networks'),
  route('/1.0/networks/{name}/state', { GET: getNetworkState }),
  route('/1.0/networks/{name}/leases', { GET: emptyOf(getNetworkState) }),
  ...named('storage-pools'),
  route('/1.0/storage-pools/{name}/resources', { GET: getPoolResources }),
  route('/1.0/storage-pools/{name}/volumes', { GET: listVolumes }),
  ...named('projects'),
  route('/1.0/certificates', { GET: certificates.listCertificates }),
  route('/1.0/certificates/{fingerprint}', {
    GET: certificates.getCertificate,
    PUT: certificates.updateCertificate,
    PATCH: certificates.updateCertificate,
    DELETE: certificates.deleteCertificate,
  }),
  route('/1.0/operations', { GET: operations.listOperations }),
  route('/1.0/operations/{id}', { GET: operations.getOperation, DELETE: operations.cancelOperation }),
  route('/1.0/operations/{id}/wait', {}),
  route('/1.0/operations/{id}/websocket', {}, true),
];

const bySegments = Map.groupBy(
  routes.map((one) => ({ route: one, parts: one.pattern.split('/').slice(1) })),
  ({ parts }) => parts.length,
);

/** The route of a path and the names in it. A fixed word wins over a name. */
export function findRoute(path: string): { route: Route; names: string[] } | undefined {
  const parts = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/').slice(1);
  for (const candidate of bySegments.get(parts.length) ?? []) {
    const names: string[] = [];
    const fits = candidate.parts.every((part, index) => {
      const given = parts[index] ?? '';
      if (!part.startsWith('{')) return part === given;
      names.push(given);
      return given !== '';
    });
    if (fits) return { route: candidate.route, names: names.map(decodeName) };
  }
  return undefined;
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new ApiError(400, 'invalid URL escape');
  }
}

/** Answers a request. Throws ApiError with what LXD would refuse it. */
export function answer(route: Route, call: Call): Reply {
  const strangersWrite = call.method !== 'GET' && call.path !== '/1.0/certificates';
  if (call.path === '/1.0/certificates' && call.method === 'POST') return certificates.addCertificate(call);
  if (!call.trusted && (!route.open || strangersWrite)) throw new ApiError(403, 'not authorized');
  const handler = route.methods[call.method];
  if (!handler) throw new ApiError(501, 'not implemented');
  return handler(call);
}
