import type { ForeignChange } from '@longshore/fleet';
import { recordAudit } from '@longshore/identity';
import { type Log, type Store, sql } from '@longshore/store';

/** Writes what somebody did on a host past Longshore into the audit log, with the requestor that the host names. */
export async function recordForeignChange(store: Store, log: Log, change: ForeignChange): Promise<void> {
  const { instance, requestor } = change;
  try {
    await recordAudit(store.db, {
      who: { kind: 'foreign', id: requestor.username, name: requestor.username },
      via: requestor.protocol,
      address: requestor.address,
      action: 'foreign-change',
      target: {
        kind: instance === null ? 'host' : 'instance',
        id: instance === null ? change.hostId : await instanceId(store, change.hostId, instance),
        name: instance?.name ?? change.hostName,
      },
      status: 200,
      code: null,
      operationId: null,
      requestId: '',
      detail: { action: change.action, source: change.source, host: change.hostName, hostId: change.hostId },
    });
  } catch (error) {
    // The host does not tell it again.
    log.warn({ error, ...change }, 'a change on a host could not be written into the audit log');
  }
}

/** Of what is new on the host there is no identifier yet: then the name alone tells. */
async function instanceId(
  store: Store,
  hostId: string,
  { lxdProject, name }: NonNullable<ForeignChange['instance']>,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM instances WHERE host_id = ${hostId} AND lxd_project = ${lxdProject} AND name = ${name} LIMIT 1`.execute(
    store.db,
  );
  return rows[0]?.id ?? '';
}
