import { LongshoreError, routes } from '@longshore/contract';
import {
  type Accepted,
  configureInstance,
  copyInstance,
  createInstance,
  createSnapshot,
  deleteExport,
  deleteInstance,
  deleteSnapshot,
  exportInstance,
  type FleetContext,
  getInstance,
  importInstance,
  listExports,
  listInstances,
  moveInstance,
  openExport,
  powerInstance,
  renameInstance,
  restoreSnapshot,
  updateInstance,
} from '@longshore/fleet';
import { handle, handleEmpty, handleFile, handleText } from '../handler.ts';

/** Instances, their snapshots, exports and imports. */
export function instanceHandlers(context: FleetContext) {
  return {
    listInstances: handleText(
      routes.listInstances,
      async ({ query }) => (await listInstances(context, query)).json,
    ),
    getInstance: handle(routes.getInstance, ({ params }) => getInstance(context, params.id)),
    createInstance: handle(routes.createInstance, async ({ body, requester }) =>
      withInstance(await createInstance(context, body, requester)),
    ),
    updateInstance: handle(routes.updateInstance, async ({ params, body, revision, requester }) => {
      const { id } = params;
      const seen = revision ?? (await getInstance(context, id)).revision;
      return updateInstance(context, { id, patch: body, revision: seen }, requester);
    }),
    configureInstance: handle(routes.configureInstance, ({ params, body, requester }) =>
      configureInstance(context, { ...params, ...body }, requester),
    ),
    powerInstance: handle(routes.powerInstance, ({ params, body, requester }) =>
      powerInstance(context, { ...params, ...body }, requester),
    ),
    renameInstance: handle(routes.renameInstance, ({ params, body, requester }) =>
      renameInstance(context, { ...params, ...body }, requester),
    ),
    moveInstance: handle(routes.moveInstance, ({ params, body, requester }) =>
      moveInstance(context, { ...params, ...body }, requester),
    ),
    copyInstance: handle(routes.copyInstance, async ({ params, body, requester }) =>
      withInstance(await copyInstance(context, { ...params, ...body }, requester)),
    ),
    deleteInstance: handle(routes.deleteInstance, ({ params, query, requester }) =>
      deleteInstance(context, { ...params, ...query }, requester),
    ),
    createSnapshot: handle(routes.createSnapshot, ({ params, body, requester }) =>
      createSnapshot(context, { ...params, ...body }, requester),
    ),
    restoreSnapshot: handle(routes.restoreSnapshot, ({ params, requester }) =>
      restoreSnapshot(context, params, requester),
    ),
    deleteSnapshot: handle(routes.deleteSnapshot, ({ params, requester }) =>
      deleteSnapshot(context, params, requester),
    ),
    exportInstance: handle(routes.exportInstance, ({ params, body, requester }) =>
      exportInstance(context, { ...params, ...body }, requester),
    ),
    listExports: handle(routes.listExports, ({ query }) => listExports(context, query)),
    downloadExport: handleFile(routes.downloadExport, async ({ params }) => {
      const { stream, fileName, export: exported } = await openExport(context, params.id);
      return { stream, name: fileName, sizeBytes: exported.sizeBytes, sha256: exported.sha256 };
    }),
    deleteExport: handleEmpty(routes.deleteExport, ({ params }) => deleteExport(context, params.id)),
    importInstance: handle(routes.importInstance, async ({ query, upload, requester, signal }) => {
      if (upload === null) throw new LongshoreError('unsupported-media-type', 'The request has no file.');
      return withInstance(await importInstance(context, { ...query, upload, signal }, requester));
    }),
  };
}

/** The reply of routes that make an instance. */
function withInstance({ operation, instanceId }: Accepted): {
  operation: Accepted['operation'];
  instanceId: string;
} {
  if (instanceId === undefined)
    throw new TypeError(`Operation ${operation.id} was accepted without an instance.`);
  return { operation, instanceId };
}
