import type { RouteId } from '@longshore/contract';
import type { ApiOptions } from './api-options.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { BoundHandler } from './handler.ts';
import { hostHandlers } from './handlers/hosts.ts';
import { imageHandlers } from './handlers/images.ts';
import { instanceHandlers } from './handlers/instances.ts';
import { operationHandlers } from './handlers/operations.ts';
import { serverHandlers } from './handlers/server.ts';

/** What answers each route. A route of the contract without a handler does not compile. */
export function createHandlers(
  options: ApiOptions,
  failedLogins: FailedLogins,
): Readonly<Record<RouteId, BoundHandler>> {
  return {
    ...serverHandlers(options, failedLogins),
    ...hostHandlers(options.context),
    ...instanceHandlers(options.context),
    ...imageHandlers(options.context),
    ...operationHandlers(options.context),
  };
}
