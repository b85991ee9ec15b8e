import type { RouteId } from '@longshore/contract';
import type { ApiOptions } from './api-options.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { BoundHandler } from './handler.ts';
import { auditHandlers } from './handlers/audit.ts';
import { consoleHandlers } from './handlers/consoles.ts';
import { deviceLoginHandlers } from './handlers/device-logins.ts';
import { dnsHandlers } from './handlers/dns.ts';
import { hostHandlers } from './handlers/hosts.ts';
import { identityProviderHandlers } from './handlers/identity-providers.ts';
import { imageHandlers } from './handlers/images.ts';
import { instanceHandlers } from './handlers/instances.ts';
import { loginHandlers } from './handlers/login.ts';
import { meHandlers } from './handlers/me.ts';
import { operationHandlers } from './handlers/operations.ts';
import { peopleHandlers } from './handlers/people.ts';
import { projectHandlers } from './handlers/projects.ts';
import { serverHandlers } from './handlers/server.ts';
import { sshKeyHandlers } from './handlers/ssh-keys.ts';
import { tokenHandlers } from './handlers/tokens.ts';

/** What answers each route. A route of the contract without a handler does not compile. */
export function createHandlers(
  options: ApiOptions,
  failedLogins: FailedLogins,
): Readonly<Record<RouteId, BoundHandler>> {
  return {
    ...serverHandlers(options, failedLogins),
    ...hostHandlers(options.context),
    ...instanceHandlers(options.context),
    ...consoleHandlers(options),
    ...imageHandlers(options.context),
    ...operationHandlers(options.context),
    ...loginHandlers(options),
    ...deviceLoginHandlers(options),
    ...meHandlers(options),
    ...peopleHandlers(options),
    ...identityProviderHandlers(options),
    ...projectHandlers(options.context),
    ...dnsHandlers(options.context),
    ...sshKeyHandlers(options),
    ...auditHandlers(options.context),
    ...tokenHandlers(options),
  };
}
