import type { Readable } from 'node:stream';
import { z } from 'zod';
import { envelopeSchema } from './api/envelope.ts';
import { apiPath } from './api-path.ts';
import type { ProjectOptions } from './call-options.ts';
import { contentLength, type Download } from './instance-backups.ts';
import { LxdError } from './lxd-error.ts';
import { productHeader, productHeaders } from './product-headers.ts';
import type { RawReply, Transport } from './transport.ts';

/** Whose a file is. `mode` are the permission bits. */
export type FileAttributes = { readonly mode: number; readonly uid: number; readonly gid: number };

/** A file, link or directory as read. */
export type InstanceFile =
  | (FileAttributes & { readonly kind: 'file'; readonly content: Buffer })
  | (FileAttributes & { readonly kind: 'symlink'; readonly target: string })
  | (FileAttributes & { readonly kind: 'directory'; readonly entries: readonly string[] });

/** What to write, where. */
export type FileWrite = Partial<FileAttributes> &
  (
    | {
        readonly kind?: 'file';
        readonly content: string | Uint8Array | Readable;
        /** Length of a stream, where known. */
        readonly bytes?: number;
        readonly append?: boolean;
      }
    | { readonly kind: 'symlink'; readonly target: string }
    | { readonly kind: 'directory' }
  );

/** Files inside an instance; needs it running (VMs: with its agent) or, for containers, also stopped. */
export type InstanceFiles = {
  /** Reads one thing whole; `maxBytes` (default: the client's reply limit) bounds it, else `too-large`. */
  read(
    instance: string,
    path: string,
    options?: ProjectOptions & { readonly maxBytes?: number },
  ): Promise<InstanceFile>;
  /** Reads a file of any size. Throws `bad-request` for what is no regular file. */
  readStream(instance: string, path: string, options?: ProjectOptions): Promise<Download & FileAttributes>;
  write(instance: string, path: string, file: FileWrite, options?: ProjectOptions): Promise<void>;
  /** Names in a directory. Throws `bad-request` for what is none. */
  list(instance: string, path: string, options?: ProjectOptions): Promise<readonly string[]>;
  /** Deletes a file or an empty directory. */
  delete(instance: string, path: string, options?: ProjectOptions): Promise<void>;
};

export function createInstanceFiles(transport: Transport): InstanceFiles {
  const requestOf = (instance: string, path: string, options: ProjectOptions) => ({
    path: apiPath`/1.0/instances/${instance}/files`,
    query: { path, project: options.project },
  });

  async function read(
    instance: string,
    path: string,
    options: ProjectOptions & { readonly maxBytes?: number } = {},
  ): Promise<InstanceFile> {
    const request = { method: 'GET' as const, ...requestOf(instance, path, options) };
    const { headers, body } = await transport.bytes(request, options, options.maxBytes);
    const attributes = attributesOf(headers);
    const kind: string = productHeader(headers, 'type') ?? 'missing';
    switch (kind) {
      case 'file':
        return { kind, ...attributes, content: body };
      case 'symlink':
        return { kind, ...attributes, target: body.toString('utf8') };
      case 'directory':
        return { kind, ...attributes, entries: parseEntries(transport, body, request) };
      default:
        throw new LxdError({
          code: 'bad-reply',
          message: `unknown file type ${kind}`,
          target: transport.target(request),
        });
    }
  }

  return {
    read,
    async readStream(instance, path, options = {}) {
      const request = { method: 'GET' as const, ...requestOf(instance, path, options) };
      const reply = await transport.stream(request, options);
      const kind = productHeader(reply.headers, 'type');
      if (kind !== 'file') {
        reply.body.destroy();
        throw notA('file', path, kind, transport.target(request));
      }
      return {
        ...attributesOf(reply.headers),
        body: reply.body,
        bytes: contentLength(reply.headers['content-length']),
      };
    },
    async write(instance, path, file, options = {}) {
      const kind = file.kind ?? 'file';
      const body = bodyOf(file);
      await transport.change(
        {
          method: 'POST',
          ...requestOf(instance, path, options),
          headers: productHeaders({
            type: kind,
            mode: file.mode === undefined ? undefined : `0${file.mode.toString(8)}`,
            uid: file.uid?.toString(),
            gid: file.gid?.toString(),
            write: 'append' in file && file.append ? 'append' : 'overwrite',
          }),
          stream: { contentType: 'application/octet-stream', ...body },
        },
        options,
      );
    },
    async list(instance, path, options = {}) {
      const file = await read(instance, path, options);
      if (file.kind === 'directory') return file.entries;
      const target = transport.target({ method: 'GET', ...requestOf(instance, path, options) });
      throw notA('directory', path, file.kind, target);
    },
    async delete(instance, path, options = {}) {
      await transport.change({ method: 'DELETE', ...requestOf(instance, path, options) }, options);
    },
  };
}

function bodyOf(file: FileWrite): { body: Readable | Uint8Array; bytes?: number | undefined } {
  if (file.kind === 'directory') return { body: new Uint8Array(0), bytes: 0 };
  const content = file.kind === 'symlink' ? file.target : file.content;
  if (typeof content === 'string' || content instanceof Uint8Array) {
    const body = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    return { body, bytes: body.byteLength };
  }
  return { body: content, bytes: file.kind === 'symlink' ? undefined : file.bytes };
}

/** LXD writes the mode as octal with a leading 0; a missing or odd header counts as 0. */
function attributesOf(headers: RawReply['headers']): FileAttributes {
  const number = (name: string, radix: number): number => {
    const value = Number.parseInt(productHeader(headers, name) ?? '', radix);
    return Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  return { mode: number('mode', 8) & 0o7777, uid: number('uid', 10), gid: number('gid', 10) };
}

function parseEntries(
  transport: Transport,
  body: Buffer,
  request: { readonly method: 'GET'; readonly path: string },
): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new LxdError({
      code: 'bad-reply',
      message: 'the listing is not JSON',
      target: transport.target(request),
      cause,
    });
  }
  const envelope = transport.parse(envelopeSchema, json, request);
  const entries = envelope.type === 'sync' ? envelope.metadata : undefined;
  return transport.parse(z.array(z.string()).nullable(), entries, request) ?? [];
}

function notA(wanted: string, path: string, kind: string | undefined, target: string): LxdError {
  return new LxdError({
    code: 'bad-request',
    message: `${path} is a ${kind ?? 'thing of unknown type'}, not a ${wanted}`,
    target,
    hint: `Name a ${wanted}.`,
  });
}
