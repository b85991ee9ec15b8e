import { auditRoutes } from './routes/audit.ts';
import { consoleRoutes } from './routes/consoles.ts';
import { deviceLoginRoutes } from './routes/device-logins.ts';
import { dnsRoutes } from './routes/dns.ts';
import { hostRoutes } from './routes/hosts.ts';
import { identityProviderRoutes } from './routes/identity-providers.ts';
import { imageRoutes } from './routes/images.ts';
import { instanceRoutes } from './routes/instances.ts';
import { loginRoutes } from './routes/login.ts';
import { meRoutes } from './routes/me.ts';
import { operationRoutes } from './routes/operations.ts';
import { peopleRoutes } from './routes/people.ts';
import { projectRoutes } from './routes/projects.ts';
import { serverRoutes } from './routes/server.ts';
import { sshKeyRoutes } from './routes/ssh-keys.ts';

/** Every route of the API, by identifier. */
export const routes = {
  ...serverRoutes,
  ...hostRoutes,
  ...instanceRoutes,
  ...consoleRoutes,
  ...imageRoutes,
  ...operationRoutes,
  ...loginRoutes,
  ...deviceLoginRoutes,
  ...meRoutes,
  ...peopleRoutes,
  ...identityProviderRoutes,
  ...projectRoutes,
  ...sshKeyRoutes,
  ...dnsRoutes,
  ...auditRoutes,
} as const;

export type Routes = typeof routes;
export type RouteId = keyof Routes;
