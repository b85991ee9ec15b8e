import { routes } from '@longshore/contract';
import {
  enrolHost,
  type FleetContext,
  fleetUse,
  getHost,
  hostUse,
  listHosts,
  listLocalSockets,
  probeHost,
  removeHost,
  rePinHost,
  syncHost,
  updateHost,
} from '@longshore/fleet';
import { handle } from '../handler.ts';

/** Hosts of the fleet. */
export function hostHandlers(context: FleetContext) {
  return {
    listHosts: handle(routes.listHosts, ({ query }) => listHosts(context, query)),
    getHost: handle(routes.getHost, ({ params }) => getHost(context, params.id)),
    getHostUse: handle(routes.getHostUse, ({ params, query }) => hostUse(context, params.id, query)),
    getFleetUse: handle(routes.getFleetUse, ({ query }) => fleetUse(context, query)),
    enrolHost: handle(routes.enrolHost, ({ body, requester }) => enrolHost(context, body, requester)),
    probeHost: handle(routes.probeHost, ({ body, requester }) => probeHost(context, body, requester)),
    listLocalSockets: handle(routes.listLocalSockets, async () => ({
      items: [...(await listLocalSockets(context))],
    })),
    updateHost: handle(routes.updateHost, ({ params, body, revision, requester }) =>
      updateHost(context, { id: params.id, patch: body, revision }, requester),
    ),
    rePinHost: handle(routes.rePinHost, ({ params, body, requester }) =>
      rePinHost(context, { ...params, ...body }, requester),
    ),
    syncHost: handle(routes.syncHost, ({ params, requester }) => syncHost(context, params, requester)),
    removeHost: handle(routes.removeHost, ({ params, query, requester }) =>
      removeHost(context, { ...params, ...query }, requester),
    ),
  };
}
