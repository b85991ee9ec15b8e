import { Readable } from 'node:stream';
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
  listInstanceLogs,
  listInstances,
  lookAtInstance,
  moveInstance,
  openExport,
  powerInstance,
  type Reaching,
  readInstanceLog,
  refuseHostReach,
  renameInstance,
  restoreSnapshot,
  updateInstance,
} from '@longshore/fleet';
import { handle, handleEmpty, handleFile, handleText } from '../handler.ts';
import { type Asking, requireIn, requireOnExport, requireOnInstance } from '../require-on.ts';

/** Instances, their snapshots, exports and imports. */
export function instanceHandlers(context: FleetContext) {
  return {
    listInstances: handleText(
      routes.listInstances,
      async ({ query, access }) => (await listInstances(context, query, access.reach('instances:read'))).json,
    ),
    getInstance: handle(routes.getInstance, async ({ params, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:read');
      return getInstance(context, params.id);
    }),
    getInstanceUse: handle(routes.getInstanceUse, async ({ params, query, signal, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:read');
      return lookAtInstance(context, { ...params, ...query, signal });
    }),
    listInstanceLogs: handle(routes.listInstanceLogs, async ({ params, signal, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:read');
      return { items: await listInstanceLogs(context, params.id, signal) };
    }),
    readInstanceLog: handleFile(routes.readInstanceLog, async ({ params, query, signal, ...asking }) => {
      await requireOnInstance(context, asking, params.id, operate);
      const text = await readInstanceLog(context, { ...params, ...query }, signal);
      return {
        stream: Readable.from([text], { objectMode: false }),
        name: params.name,
        sizeBytes: text.length,
        type: 'text/plain; charset=utf-8',
      };
    }),
    createInstance: handle(routes.createInstance, async ({ body, requester, ...asking }) => {
      await requireIn(context, asking, body.project, write);
      confine(asking, body);
      return withInstance(await createInstance(context, body, requester));
    }),
    updateInstance: handle(
      routes.updateInstance,
      async ({ params, body, revision, requester, ...asking }) => {
        const { id } = params;
        await requireOnInstance(context, asking, id, write);
        if (body.project !== undefined) await requireIn(context, asking, body.project, write);
        const seen = revision ?? (await getInstance(context, id)).revision;
        return updateInstance(context, { id, patch: body, revision: seen }, requester);
      },
    ),
    configureInstance: handle(routes.configureInstance, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, write);
      confine(asking, body);
      return configureInstance(context, { ...params, ...body }, requester);
    }),
    powerInstance: handle(routes.powerInstance, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, operate);
      return powerInstance(context, { ...params, ...body }, requester);
    }),
    renameInstance: handle(routes.renameInstance, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, write);
      return renameInstance(context, { ...params, ...body }, requester);
    }),
    moveInstance: handle(routes.moveInstance, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, write);
      return moveInstance(context, { ...params, ...body }, requester);
    }),
    copyInstance: handle(routes.copyInstance, async ({ params, body, requester, ...asking }) => {
      // A copy has all that is in the original: seeing that there is one is not enough.
      await requireOnInstance(context, asking, params.id, write);
      const project = body.project ?? (await getInstance(context, params.id)).projectId;
      await requireIn(context, asking, project, write);
      return withInstance(await copyInstance(context, { ...params, ...body }, requester));
    }),
    deleteInstance: handle(routes.deleteInstance, async ({ params, query, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:delete');
      return deleteInstance(context, { ...params, ...query }, requester);
    }),
    createSnapshot: handle(routes.createSnapshot, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, operate);
      return createSnapshot(context, { ...params, ...body }, requester);
    }),
    restoreSnapshot: handle(routes.restoreSnapshot, async ({ params, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, operate);
      return restoreSnapshot(context, params, requester);
    }),
    deleteSnapshot: handle(routes.deleteSnapshot, async ({ params, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, operate);
      return deleteSnapshot(context, params, requester);
    }),
    exportInstance: handle(routes.exportInstance, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, write);
      return exportInstance(context, { ...params, ...body }, requester);
    }),
    listExports: handle(routes.listExports, ({ query, access }) =>
      listExports(context, query, access.reach('instances:read')),
    ),
    downloadExport: handleFile(routes.downloadExport, async ({ params, ...asking }) => {
      await requireOnExport(context, asking, params.id, write);
      const { stream, fileName, export: exported } = await openExport(context, params.id);
      return { stream, name: fileName, sizeBytes: exported.sizeBytes, sha256: exported.sha256 };
    }),
    deleteExport: handleEmpty(routes.deleteExport, async ({ params, ...asking }) => {
      await requireOnExport(context, asking, params.id, write);
      await deleteExport(context, params.id);
    }),
    importInstance: handle(routes.importInstance, async ({ query, upload, requester, signal }) => {
      if (upload === null) throw new LongshoreError('unsupported-media-type', 'The request has no file.');
      return withInstance(await importInstance(context, { ...query, upload, signal }, requester));
    }),
  };
}

const operate = 'instances:operate';
const write = 'instances:write';

/** Whoever has roles on parts of the fleet only stays inside of the instances. */
function confine({ access }: Asking, asked: Reaching): void {
  if (!access.permits(write)) refuseHostReach(asked);
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
