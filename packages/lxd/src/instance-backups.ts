import type { Readable } from 'node:stream';
import { z } from 'zod';
import { type Backup, backupSchema } from './api/instance.ts';
import type { OperationRef } from './api/operation.ts';
import { apiPath } from './api-path.ts';
import type { ProjectOptions } from './call-options.ts';
import { productHeaders } from './product-headers.ts';
import { headerText, type Transport } from './transport.ts';

/** A file on its way from the server. Read `body` to its end or destroy it. `bytes` where the server told. */
export type Download = { readonly body: Readable; readonly bytes: number | undefined };

/** Exported copies of an instance, kept on the server until deleted or expired. */
export type Backups = {
  list(instance: string, options?: ProjectOptions): Promise<readonly Backup[]>;
  create(
    instance: string,
    body: {
      readonly name: string;
      readonly expires_at?: string;
      readonly instance_only?: boolean;
      /** Faster, but only to be restored on a pool of the same driver. */
      readonly optimized_storage?: boolean;
      /** Such as `gzip`, `zstd`, `none`; default: the server's. */
      readonly compression_algorithm?: string;
    },
    options?: ProjectOptions,
  ): Promise<OperationRef>;
  delete(instance: string, backup: string, options?: ProjectOptions): Promise<OperationRef>;
  /** The backup's tarball. No deadline, but `timeoutMs` (default: the idle limit) of silence ends it. */
  export(instance: string, backup: string, options?: ProjectOptions): Promise<Download>;
  /** Makes an instance of a tarball. The upload is under an idle limit too. */
  import(
    tarball: Readable | Uint8Array,
    options?: ProjectOptions & {
      /** Name of the new instance; default: the one in the tarball. */
      readonly name?: string;
      /** Storage pool; default: the one in the tarball. */
      readonly pool?: string;
      readonly bytes?: number;
    },
  ): Promise<OperationRef>;
};

export function createBackups(transport: Transport): Backups {
  return {
    list: (instance, options = {}) =>
      transport.get(
        {
          path: apiPath`/1.0/instances/${instance}/backups`,
          query: { recursion: 1, project: options.project },
        },
        z.array(backupSchema),
        options,
      ),
    create: (instance, body, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: apiPath`/1.0/instances/${instance}/backups`,
          query: { project: options.project },
          json: body,
        },
        options,
      ),
    delete: (instance, backup, options = {}) =>
      transport.start(
        {
          method: 'DELETE',
          path: apiPath`/1.0/instances/${instance}/backups/${backup}`,
          query: { project: options.project },
        },
        options,
      ),
    export: async (instance, backup, options = {}) => {
      const reply = await transport.stream(
        {
          method: 'GET',
          path: apiPath`/1.0/instances/${instance}/backups/${backup}/export`,
          query: { project: options.project },
        },
        options,
      );
      return { body: reply.body, bytes: contentLength(reply.headers['content-length']) };
    },
    import: (tarball, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: '/1.0/instances',
          query: { project: options.project },
          headers: productHeaders({ name: options.name, pool: options.pool }),
          stream: {
            body: tarball,
            contentType: 'application/octet-stream',
            bytes: tarball instanceof Uint8Array ? tarball.byteLength : options.bytes,
          },
        },
        options,
      ),
  };
}

/** Value of a Content-Length header; undefined where it is missing or no number. */
export function contentLength(value: string | readonly string[] | undefined): number | undefined {
  const text = headerText(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
