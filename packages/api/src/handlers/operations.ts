import { routes } from '@longshore/contract';
import { bulk, cancelOperation, type FleetContext, listOperations, waitOperation } from '@longshore/fleet';
import { requirePermission } from '../authenticate.ts';
import { handle } from '../handler.ts';

/** Operations, and one action on many instances. */
export function operationHandlers(context: FleetContext) {
  return {
    listOperations: handle(routes.listOperations, ({ query }) => listOperations(context, query)),
    getOperation: handle(routes.getOperation, ({ params, query, signal }) =>
      waitOperation(context, params.id, query.waitSeconds, signal),
    ),
    cancelOperation: handle(routes.cancelOperation, ({ params, requester }) =>
      cancelOperation(context, params, requester),
    ),
    bulk: handle(routes.bulk, async ({ body, principal, permits, requester }) => {
      if (body.action.do === 'delete') requirePermission(principal, permits, 'instances:delete');
      return bulk(context, body, requester);
    }),
  };
}
