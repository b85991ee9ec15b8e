import { z } from 'zod';
import { type InstanceState, networkStateSchema } from './api/instance.ts';
import {
  type Network,
  type NetworkCreate,
  type NetworkEdit,
  type NetworkLease,
  networkLeaseSchema,
  networkSchema,
} from './api/network.ts';
import { apiPath, projectQuery } from './api-path.ts';
import type { ListOptions, ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/** Managed networks and the host's own interfaces. */
export type Networks = {
  /** `allProjects` needs the extension `networks_all_projects`. */
  list(options?: ListOptions): Promise<readonly Network[]>;
  get(name: string, options?: ProjectOptions): Promise<Tagged<Network>>;
  create(body: NetworkCreate, options?: ProjectOptions): Promise<void>;
  /** Replaces description and config (PUT). */
  update(name: string, body: NetworkEdit, options?: UpdateOptions): Promise<void>;
  patch(name: string, body: NetworkEdit, options?: UpdateOptions): Promise<void>;
  rename(name: string, newName: string, options?: ProjectOptions): Promise<void>;
  delete(name: string, options?: ProjectOptions): Promise<void>;
  /** Addresses handed out by a managed bridge. */
  leases(name: string, options?: ProjectOptions): Promise<readonly NetworkLease[]>;
  /** Addresses and counters of the interface on the host. */
  state(name: string, options?: ProjectOptions): Promise<InstanceState['network'][string]>;
};

export function createNetworks(transport: Transport, operations: Operations): Networks {
  const one = (name: string): string => apiPath`/1.0/networks/${name}`;
  const change = (
    method: 'PUT' | 'PATCH',
    name: string,
    body: NetworkEdit,
    options: UpdateOptions,
  ): Promise<void> =>
    changeAndWait(
      transport,
      operations,
      { method, path: one(name), query: { project: options.project }, json: body, etag: options.etag },
      options,
    );
  return {
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/networks', query: { recursion: 1, ...projectQuery(options) } },
        z.array(networkSchema),
        options,
      ),
    get: (name, options = {}) =>
      transport.getTagged({ path: one(name), query: { project: options.project } }, networkSchema, options),
    create: (body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: '/1.0/networks', query: { project: options.project }, json: body },
        options,
      ),
    update: (name, body, options = {}) => change('PUT', name, body, options),
    patch: (name, body, options = {}) => change('PATCH', name, body, options),
    rename: (name, newName, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: one(name), query: { project: options.project }, json: { name: newName } },
        options,
      ),
    delete: (name, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'DELETE', path: one(name), query: { project: options.project } },
        options,
      ),
    leases: (name, options = {}) =>
      transport.get(
        { path: `${one(name)}/leases`, query: { project: options.project } },
        z.array(networkLeaseSchema),
        options,
      ),
    state: (name, options = {}) =>
      transport.get(
        { path: `${one(name)}/state`, query: { project: options.project } },
        networkStateSchema,
        options,
      ),
  };
}
