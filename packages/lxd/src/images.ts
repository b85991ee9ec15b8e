import type { Readable } from 'node:stream';
import { z } from 'zod';
import {
  type Image,
  type ImageAlias,
  type ImageCreate,
  type ImageEdit,
  imageAliasSchema,
  imageSchema,
} from './api/image.ts';
import type { OperationRef } from './api/operation.ts';
import { apiPath, projectQuery } from './api-path.ts';
import type { ListOptions, ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
import { contentLength, type Download } from './instance-backups.ts';
import { multipartBody } from './multipart-body.ts';
import { changeAndWait, type Operations } from './operations.ts';
import { productHeaders } from './product-headers.ts';
import { headerText, type Transport } from './transport.ts';

/**
 * An exported image. A unified one is a single tarball; a split one comes as multipart form data, as its
 * `contentType` says. Either can be given to `upload` of another server as it is.
 */
export type ImageDownload = Download & {
  readonly contentType: string;
  readonly filename: string | undefined;
};

/** Image files to upload. `bytes` where a stream's length is known. */
export type ImageUpload =
  | { readonly kind: 'unified'; readonly body: Readable | Uint8Array; readonly bytes?: number }
  | {
      readonly kind: 'split';
      readonly metadata: Readable | Uint8Array;
      readonly rootfs: Readable | Uint8Array;
      /** Default container (a squashfs or tarball); a virtual machine's is a qcow2 disk. */
      readonly type?: 'container' | 'virtual-machine';
    }
  | {
      readonly kind: 'export';
      readonly download: Pick<ImageDownload, 'body' | 'bytes' | 'contentType' | 'filename'>;
    };

/** Images of the server. */
export type Images = {
  list(options?: ListOptions & { readonly filter?: string }): Promise<readonly Image[]>;
  /** By fingerprint or an unambiguous beginning of it. */
  get(fingerprint: string, options?: ProjectOptions): Promise<Tagged<Image>>;
  /** The image behind an alias. Throws `not-found`. */
  resolve(alias: string, options?: ProjectOptions): Promise<Image>;
  /** Lets the server fetch or make an image; the operation's metadata holds its `fingerprint` at the end. */
  create(body: ImageCreate, options?: ProjectOptions): Promise<OperationRef>;
  /**
   * Uploads image files. No deadline, an idle limit. `fingerprint` makes the server refuse other content. Do not give
   * `properties` for files whose metadata.yaml has none: LXD 5.0.2 dies of it (assignment to a nil map).
   */
  upload(
    upload: ImageUpload,
    options?: ProjectOptions & {
      readonly public?: boolean;
      readonly filename?: string;
      readonly fingerprint?: string;
      readonly properties?: Readonly<Record<string, string>>;
    },
  ): Promise<OperationRef>;
  export(
    fingerprint: string,
    options?: ProjectOptions & { /** For strangers, from `secret`. */ readonly secret?: string },
  ): Promise<ImageDownload>;
  update(fingerprint: string, body: ImageEdit, options?: UpdateOptions): Promise<void>;
  patch(fingerprint: string, body: ImageEdit, options?: UpdateOptions): Promise<void>;
  delete(fingerprint: string, options?: ProjectOptions): Promise<OperationRef>;
  /** Looks for a newer version at the image's source. */
  refresh(fingerprint: string, options?: ProjectOptions): Promise<OperationRef>;
  /** A one-time secret with which another server may fetch this image. */
  secret(fingerprint: string, options?: ProjectOptions): Promise<string>;
  readonly aliases: ImageAliases;
};

/** Names for images. */
export type ImageAliases = {
  list(options?: ProjectOptions): Promise<readonly ImageAlias[]>;
  get(name: string, options?: ProjectOptions): Promise<Tagged<ImageAlias>>;
  create(
    alias: { readonly name: string; readonly target: string; readonly description?: string },
    options?: ProjectOptions,
  ): Promise<void>;
  update(
    name: string,
    body: { readonly target: string; readonly description?: string },
    options?: UpdateOptions,
  ): Promise<void>;
  /** LXD 5.0 takes 10 s for this. */
  rename(name: string, newName: string, options?: ProjectOptions): Promise<void>;
  delete(name: string, options?: ProjectOptions): Promise<void>;
};

const secretSchema = z.object({ secret: z.string() });

export function createImages(transport: Transport, operations: Operations): Images {
  const one = (fingerprint: string): string => apiPath`/1.0/images/${fingerprint}`;
  const aliases = createAliases(transport, operations);
  return {
    aliases,
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/images', query: { recursion: 1, filter: options.filter, ...projectQuery(options) } },
        z.array(imageSchema),
        options,
      ),
    get: (fingerprint, options = {}) =>
      transport.getTagged(
        { path: one(fingerprint), query: { project: options.project } },
        imageSchema,
        options,
      ),
    resolve: async (alias, options = {}) => {
      const { value } = await aliases.get(alias, options);
      const path = one(value.target);
      return await transport.get({ path, query: { project: options.project } }, imageSchema, options);
    },
    create: (body, options = {}) =>
      transport.start(
        { method: 'POST', path: '/1.0/images', query: { project: options.project }, json: body },
        options,
      ),
    upload: (upload, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: '/1.0/images',
          query: { project: options.project },
          headers: productHeaders({
            public: options.public === undefined ? undefined : options.public ? '1' : '0',
            filename: options.filename ?? (upload.kind === 'export' ? upload.download.filename : undefined),
            fingerprint: options.fingerprint,
            properties: options.properties && new URLSearchParams(options.properties).toString(),
          }),
          stream: streamOf(upload),
        },
        options,
      ),
    export: async (fingerprint, options = {}) => {
      const reply = await transport.stream(
        {
          method: 'GET',
          path: `${one(fingerprint)}/export`,
          query: { project: options.project, secret: options.secret },
        },
        options,
      );
      const disposition = headerText(reply.headers['content-disposition']) ?? '';
      return {
        body: reply.body,
        bytes: contentLength(reply.headers['content-length']),
        contentType: headerText(reply.headers['content-type']) ?? 'application/octet-stream',
        filename: /filename="?([^";/\\]+)"?/.exec(disposition)?.[1],
      };
    },
    update: (fingerprint, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PUT',
          path: one(fingerprint),
          query: { project: options.project },
          json: body,
          etag: options.etag,
        },
        options,
      ),
    patch: (fingerprint, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PATCH',
          path: one(fingerprint),
          query: { project: options.project },
          json: body,
          etag: options.etag,
        },
        options,
      ),
    delete: (fingerprint, options = {}) =>
      transport.start(
        { method: 'DELETE', path: one(fingerprint), query: { project: options.project } },
        options,
      ),
    refresh: (fingerprint, options = {}) =>
      transport.start(
        { method: 'POST', path: `${one(fingerprint)}/refresh`, query: { project: options.project } },
        options,
      ),
    secret: async (fingerprint, options = {}) => {
      const request = {
        method: 'POST' as const,
        path: `${one(fingerprint)}/secret`,
        query: { project: options.project },
      };
      const ref = await transport.start(request, options);
      return transport.parse(secretSchema, ref.operation.metadata, request).secret;
    },
  };
}

function createAliases(transport: Transport, operations: Operations): ImageAliases {
  const one = (name: string): string => apiPath`/1.0/images/aliases/${name}`;
  return {
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/images/aliases', query: { recursion: 1, project: options.project } },
        z.array(imageAliasSchema),
        options,
      ),
    get: (name, options = {}) =>
      transport.getTagged(
        { path: one(name), query: { project: options.project } },
        imageAliasSchema,
        options,
      ),
    create: (alias, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'POST', path: '/1.0/images/aliases', query: { project: options.project }, json: alias },
        options,
      ),
    update: (name, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PUT',
          path: one(name),
          query: { project: options.project },
          json: body,
          etag: options.etag,
        },
        options,
      ),
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
  };
}

function streamOf(upload: ImageUpload): {
  body: Readable | Uint8Array;
  contentType: string;
  bytes?: number | undefined;
} {
  switch (upload.kind) {
    case 'unified': {
      const bytes = upload.body instanceof Uint8Array ? upload.body.byteLength : upload.bytes;
      return { body: upload.body, contentType: 'application/octet-stream', bytes };
    }
    case 'split':
      return multipartBody([
        { name: 'metadata', filename: 'metadata.tar', body: upload.metadata },
        {
          name: upload.type === 'virtual-machine' ? 'rootfs.img' : 'rootfs',
          filename: 'rootfs',
          body: upload.rootfs,
        },
      ]);
    case 'export':
      return {
        body: upload.download.body,
        contentType: upload.download.contentType,
        bytes: upload.download.bytes,
      };
  }
}
