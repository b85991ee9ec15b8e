import { z } from 'zod';
import { type Snapshot, snapshotSchema } from './api/instance.ts';
import type { OperationRef } from './api/operation.ts';
import { apiPath } from './api-path.ts';
import type { ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/** Snapshots of an instance, by their own names. */
export type Snapshots = {
  list(instance: string, options?: ProjectOptions): Promise<readonly Snapshot[]>;
  get(instance: string, snapshot: string, options?: ProjectOptions): Promise<Tagged<Snapshot>>;
  create(
    instance: string,
    body: { readonly name: string; readonly stateful?: boolean; readonly expires_at?: string },
    options?: ProjectOptions,
  ): Promise<OperationRef>;
  /** Puts the instance back to the snapshot; what came after is lost. */
  restore(
    instance: string,
    snapshot: string,
    options?: UpdateOptions & { readonly stateful?: boolean },
  ): Promise<OperationRef>;
  rename(
    instance: string,
    snapshot: string,
    newName: string,
    options?: ProjectOptions,
  ): Promise<OperationRef>;
  /** Changes the expiry: RFC 3339, or null for never. */
  setExpiry(
    instance: string,
    snapshot: string,
    expiresAt: string | null,
    options?: UpdateOptions,
  ): Promise<void>;
  delete(instance: string, snapshot: string, options?: ProjectOptions): Promise<OperationRef>;
};

export function createSnapshots(transport: Transport, operations: Operations): Snapshots {
  const all = (instance: string): string => apiPath`/1.0/instances/${instance}/snapshots`;
  const one = (instance: string, snapshot: string): string =>
    apiPath`/1.0/instances/${instance}/snapshots/${snapshot}`;
  return {
    list: (instance, options = {}) =>
      transport.get(
        { path: all(instance), query: { recursion: 1, project: options.project } },
        z.array(snapshotSchema),
        options,
      ),
    get: (instance, snapshot, options = {}) =>
      transport.getTagged(
        { path: one(instance, snapshot), query: { project: options.project } },
        snapshotSchema,
        options,
      ),
    create: (instance, body, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: all(instance),
          query: { project: options.project },
          json: { stateful: false, ...body },
        },
        options,
      ),
    restore: (instance, snapshot, options = {}) =>
      transport.start(
        {
          method: 'PUT',
          path: apiPath`/1.0/instances/${instance}`,
          query: { project: options.project },
          json: { restore: snapshot, stateful: options.stateful ?? false },
          etag: options.etag,
        },
        options,
      ),
    rename: (instance, snapshot, newName, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: one(instance, snapshot),
          query: { project: options.project },
          json: { name: newName },
        },
        options,
      ),
    setExpiry: (instance, snapshot, expiresAt, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PUT',
          path: one(instance, snapshot),
          query: { project: options.project },
          json: { expires_at: expiresAt ?? '0001-01-01T00:00:00Z' },
          etag: options.etag,
        },
        options,
      ),
    delete: (instance, snapshot, options = {}) =>
      transport.start(
        { method: 'DELETE', path: one(instance, snapshot), query: { project: options.project } },
        options,
      ),
  };
}
