import { LongshoreError, type Permission, routes } from '@longshore/contract';
import {
  createKey,
  createRecord,
  createZone,
  deleteKey,
  deleteRecord,
  deleteZone,
  explainName,
  findZone,
  listKeys,
  listNames,
  listRecords,
  listZones,
  noZone,
  readDelegation,
  readZone,
  updateRecord,
  updateZone,
} from '@longshore/dns';
import type { FleetContext } from '@longshore/fleet';
import { denied } from '../authenticate.ts';
import { handle, handleEmpty } from '../handler.ts';
import type { Asking } from '../require-on.ts';

/** Zones, records and names. */
export function dnsHandlers({ store, sealer }: FleetContext) {
  /** Wants a permission on a zone, by its project; what the asker may not see is not there. */
  const requireOnZone = async (
    { access, principal }: Asking,
    reference: string,
    permission: Permission,
  ): Promise<string> => {
    const zone = await findZone(store.db, reference);
    if (zone === null) throw noZone(reference);
    if (access.permitsOn(permission, zone.projectId)) return zone.id;
    if (access.permitsOn('dns:read', zone.projectId)) throw denied(principal, permission);
    throw noZone(reference);
  };
  return {
    listDnsZones: handle(routes.listDnsZones, async ({ access }) => ({
      items: await listZones(store.db, access.reach('dns:read')),
    })),
    getDnsZone: handle(routes.getDnsZone, async ({ params, ...asking }) =>
      readZone(store.db, await requireOnZone(asking, params.id, 'dns:read')),
    ),
    createDnsZone: handle(routes.createDnsZone, ({ body, requester }) =>
      store.transaction(async (trx) => {
        const made = await createZone(trx, body, requester.name);
        await requester.witness?.(trx, { target: targetOf(made.id, made.name), operationId: null });
        return made;
      }),
    ),
    updateDnsZone: handle(routes.updateDnsZone, async ({ params, body, revision, requester, ...asking }) => {
      const id = await requireOnZone(asking, params.id, 'dns:write');
      return store.transaction(async (trx) => {
        const changed = await updateZone(trx, { id, patch: body, revision });
        await requester.witness?.(trx, { target: targetOf(id, changed.name), operationId: null });
        return changed;
      });
    }),
    deleteDnsZone: handleEmpty(routes.deleteDnsZone, async ({ params, requester, ...asking }) => {
      const id = await requireOnZone(asking, params.id, 'dns:write');
      await store.transaction(async (trx) => {
        const { name } = await deleteZone(trx, id);
        await requester.witness?.(trx, { target: targetOf(id, name), operationId: null });
      });
    }),
    getDnsDelegation: handle(routes.getDnsDelegation, async ({ params, ...asking }) =>
      readDelegation(store.db, await requireOnZone(asking, params.id, 'dns:read')),
    ),
    listDnsRecords: handle(routes.listDnsRecords, async ({ params, ...asking }) => ({
      items: await listRecords(store.db, await requireOnZone(asking, params.id, 'dns:read')),
    })),
    createDnsRecord: handle(routes.createDnsRecord, async ({ params, body, requester, ...asking }) => {
      const zoneId = await requireOnZone(asking, params.id, 'dns:write');
      return store.transaction(async (trx) => {
        const made = await createRecord(trx, zoneId, body, requester.name);
        const target = targetOf(made.id, `${made.type} ${made.fullName}`);
        await requester.witness?.(trx, { target, operationId: null });
        return made;
      });
    }),
    updateDnsRecord: handle(routes.updateDnsRecord, async ({ params, body, requester, ...asking }) => {
      const zoneId = await requireOnZone(asking, params.id, 'dns:write');
      return store.transaction(async (trx) => {
        const changed = await updateRecord(trx, { zoneId, id: params.record, patch: body });
        const target = targetOf(changed.id, `${changed.type} ${changed.fullName}`);
        await requester.witness?.(trx, { target, operationId: null });
        return changed;
      });
    }),
    deleteDnsRecord: handleEmpty(routes.deleteDnsRecord, async ({ params, requester, ...asking }) => {
      const zoneId = await requireOnZone(asking, params.id, 'dns:write');
      await store.transaction(async (trx) => {
        const gone = await deleteRecord(trx, zoneId, params.record);
        const target = targetOf(gone.id, `${gone.type} ${gone.fullName}`);
        await requester.witness?.(trx, { target, operationId: null });
      });
    }),
    listDnsKeys: handle(routes.listDnsKeys, async ({ access }) => ({
      items: await listKeys(store.db, access.reach('dns:read')),
    })),
    createDnsKey: handle(routes.createDnsKey, async ({ body, requester, ...asking }) => {
      const zoneId = body.zone === null ? null : await requireOnZone(asking, body.zone, 'dns:write');
      return store.transaction(async (trx) => {
        const made = await createKey(trx, sealer, { ...body, zoneId }, requester.name);
        await requester.witness?.(trx, { target: targetOf(made.id, made.name), operationId: null });
        return made;
      });
    }),
    deleteDnsKey: handleEmpty(routes.deleteDnsKey, ({ params, requester }) =>
      store.transaction(async (trx) => {
        const name = await deleteKey(trx, params.id);
        await requester.witness?.(trx, { target: targetOf(params.id, name), operationId: null });
      }),
    ),
    listDnsNames: handle(routes.listDnsNames, ({ query, access }) =>
      listNames(store.db, query, access.reach('dns:read')),
    ),
    explainDnsName: handle(routes.explainDnsName, ({ query, access }) => {
      if (query.name.includes('\0')) throw new LongshoreError('bad-request', 'A name has no NUL characters.');
      return explainName(store.db, query, access.reach('dns:read'));
    }),
  };
}

function targetOf(id: string, name: string) {
  return { kind: 'fleet', id, name } as const;
}
