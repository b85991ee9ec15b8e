import type { ConsoleAccess, ConsoleAudit } from '@longshore/consoles';
import { type FleetContext, isInstanceWithin } from '@longshore/fleet';
import { accessOf, type Identity, recordAudit } from '@longshore/identity';
import { sql } from '@longshore/store';

/** What the consoles ask of people and roles. */
export function consoleAccess(context: FleetContext, identity: Identity): ConsoleAccess {
  return {
    async mayOpen(who, instanceId) {
      const principal = await identity.principalNow({
        ...who,
        personId: null,
        status: 'active',
        tokenScopes: null,
        tokenProjects: null,
        sessionId: who.loginId,
      });
      if (principal === null) return false;
      const access = await accessOf(context.store, principal);
      const reach = access.reach('consoles:open');
      return reach === 'all' || (await isInstanceWithin(context, instanceId, reach));
    },
    onChange: (changed) => identity.onAccessChange(changed),
  };
}

/** Writes what happens at the consoles into the audit log. */
export function consoleAudit(context: FleetContext): ConsoleAudit {
  const { store } = context;
  return async (record) => {
    const { who } = record;
    await recordAudit(store.db, {
      who:
        who === null ? { kind: 'nobody', id: '', name: '' } : { kind: who.kind, id: who.id, name: who.name },
      via: viaOf(who),
      address: record.address,
      action: record.action,
      target: {
        kind: 'instances',
        id: record.instanceId ?? '',
        name: record.instanceId === null ? '' : await nameOf(context, record.instanceId),
      },
      status: record.refusal === null ? 200 : 403,
      code: record.refusal,
      operationId: null,
      requestId: record.sessionId,
      detail: record.detail,
    });
  };
}

function viaOf(who: Parameters<ConsoleAudit>[0]['who']): string {
  if (who === null) return '';
  if (who.loginId !== null) return `session:${who.loginId}`;
  return who.tokenId === null ? '' : `token:${who.tokenId}`;
}

async function nameOf(context: FleetContext, id: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM instances WHERE id = ${id}`.execute(
    context.store.db,
  );
  return rows[0]?.name ?? '';
}
