import { hostRoutes } from './routes/hosts.ts';
import { imageRoutes } from './routes/images.ts';
import { instanceRoutes } from './routes/instances.ts';
import { operationRoutes } from './routes/operations.ts';
import { serverRoutes } from './routes/server.ts';

/** Every route of the API, by identifier. */
export const routes = {
  ...serverRoutes,
  ...hostRoutes,
  ...instanceRoutes,
  ...imageRoutes,
  ...operationRoutes,
} as const;

export type Routes = typeof routes;
export type RouteId = keyof Routes;
