import { Readable } from 'node:stream';
import { routes } from '@longshore/contract';
import type { FleetContext } from '@longshore/fleet';
import { exportAudit, listAudit, readAuditSettings, updateAuditSettings } from '@longshore/identity';
import { handle, handleFile } from '../handler.ts';

/** The audit log. */
export function auditHandlers({ store, clock }: FleetContext) {
  return {
    listAudit: handle(routes.listAudit, ({ query }) => listAudit(store, query)),
    exportAudit: handleFile(routes.exportAudit, async ({ query }) => ({
      stream: Readable.from(exportAudit(store, query), { objectMode: false }),
      name: `audit-${clock().toISOString().slice(0, 10)}.ndjson`,
      sizeBytes: null,
      type: 'application/x-ndjson',
    })),
    getAuditSettings: handle(routes.getAuditSettings, () => readAuditSettings(store.db)),
    updateAuditSettings: handle(routes.updateAuditSettings, ({ body, requester }) =>
      store.transaction(async (trx) => {
        const target = { kind: 'fleet', id: null, name: `audit log kept for ${body.keepDays} days` } as const;
        await requester.witness?.(trx, { target, operationId: null });
        return updateAuditSettings(trx, body);
      }),
    ),
  };
}
