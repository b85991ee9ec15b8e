import { z } from 'zod';
import {
  type StoragePool,
  type StoragePoolCreate,
  type StoragePoolEdit,
  type StoragePoolResources,
  storagePoolResourcesSchema,
  storagePoolSchema,
} from './api/storage-pool.ts';
import { apiPath } from './api-path.ts';
import type { CallOptions, Tagged } from './call-options.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/** Storage pools of the server. They belong to no project. */
export type StoragePools = {
  list(options?: CallOptions): Promise<readonly StoragePool[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<StoragePool>>;
  create(body: StoragePoolCreate, options?: CallOptions): Promise<void>;
  /** Replaces description and config (PUT). */
  update(
    name: string,
    body: StoragePoolEdit,
    options?: CallOptions & { readonly etag?: string },
  ): Promise<void>;
  delete(name: string, options?: CallOptions): Promise<void>;
  /** Space and inodes, used and in all. */
  resources(name: string, options?: CallOptions): Promise<StoragePoolResources>;
};

export function createStoragePools(transport: Transport, operations: Operations): StoragePools {
  const one = (name: string): string => apiPath`/1.0/storage-pools/${name}`;
  return {
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/storage-pools', query: { recursion: 1 } },
        z.array(storagePoolSchema),
        options,
      ),
    get: (name, options = {}) => transport.getTagged({ path: one(name) }, storagePoolSchema, options),
    create: (body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: '/1.0/storage-pools', json: body },
        options,
      ),
    update: (name, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'PUT', path: one(name), json: body, etag: options.etag },
        options,
      ),
    delete: (name, options = {}) =>
      changeAndWait(transport, operations, { method: 'DELETE', path: one(name) }, options),
    resources: (name, options = {}) =>
      transport.get({ path: `${one(name)}/resources` }, storagePoolResourcesSchema, options),
  };
}
