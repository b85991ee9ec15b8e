import { type BulkAction, type Permission, routes } from '@longshore/contract';
import { bulk, cancelOperation, type FleetContext, listOperations, waitOperation } from '@longshore/fleet';
import { requirePermission } from '../authenticate.ts';
import { handle } from '../handler.ts';
import { requireOnOperation } from '../require-on.ts';

/** Operations, and one action on many instances. */
export function operationHandlers(context: FleetContext) {
  return {
    listOperations: handle(routes.listOperations, ({ query, access }) =>
      listOperations(context, query, access.reach('operations:read')),
    ),
    getOperation: handle(routes.getOperation, async ({ params, query, signal, ...asking }) => {
      await requireOnOperation(context, asking, params.id, 'operations:read');
      return waitOperation(context, params.id, query.waitSeconds, signal);
    }),
    cancelOperation: handle(routes.cancelOperation, async ({ params, requester, ...asking }) => {
      await requireOnOperation(context, asking, params.id, 'operations:write');
      return cancelOperation(context, params, requester);
    }),
    bulk: handle(routes.bulk, async ({ body, principal, access, requester }) => {
      const permission = BULK_NEEDS[body.action.do];
      requirePermission(principal, access.permitsSomewhere, permission);
      return bulk(context, body, requester, access.reach(permission));
    }),
  };
}

const BULK_NEEDS: Readonly<Record<BulkAction['do'], Permission>> = {
  power: 'instances:operate',
  snapshot: 'instances:operate',
  move: 'instances:write',
  delete: 'instances:delete',
};
