import { createHash } from 'node:crypto';
import type { Operation } from './operation.ts';

/** What a handler answers; the listener turns it into LXD's response envelope (LXD doc/rest-api.md). */
export type Reply =
  | { readonly kind: 'sync'; readonly metadata: unknown; readonly etag?: string }
  | { readonly kind: 'created'; readonly location: string }
  | { readonly kind: 'async'; readonly operation: Operation }
  | { readonly kind: 'text'; readonly text: string };

/** A refusal with LXD's own status and words. Inside an operation it becomes the operation's `err`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A plain answer. `etagOf` lists the values that the object's ETag covers, as LXD does. */
export function sync(metadata: unknown, etagOf?: readonly unknown[]): Reply {
  return etagOf === undefined ? { kind: 'sync', metadata } : { kind: 'sync', metadata, etag: etag(etagOf) };
}

/** An empty success, as LXD answers a change that is done at once. */
export const done: Reply = { kind: 'sync', metadata: {} };

/** ETag over the given values: hex, without the quotes of the header. */
export function etag(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

/** Refuses with 412 unless the If-Match header (may be absent) names the present ETag. */
export function checkEtag(ifMatch: string | undefined, values: readonly unknown[]): void {
  if (ifMatch === undefined) return;
  const wanted = ifMatch.replace(/^"|"$/g, '');
  const present = etag(values);
  if (wanted !== present) throw new ApiError(412, `ETag doesn't match: ${present} vs ${wanted}`);
}

/** HTTP status, extra headers and body text of a reply. */
export function envelope(reply: Reply): { status: number; headers: Record<string, string>; body: string } {
  switch (reply.kind) {
    case 'sync':
      return {
        status: 200,
        headers: reply.etag === undefined ? {} : { etag: `"${reply.etag}"` },
        body: syncBody(reply.metadata),
      };
    case 'created':
      return { status: 201, headers: { location: reply.location }, body: syncBody(null) };
    case 'async': {
      const path = `/1.0/operations/${reply.operation.id}`;
      const body = {
        type: 'async',
        status: 'Operation created',
        status_code: 100,
        operation: path,
        error_code: 0,
        error: '',
        metadata: reply.operation,
      };
      return { status: 202, headers: { location: path }, body: `${JSON.stringify(body)}\n` };
    }
    case 'text':
      return { status: 200, headers: {}, body: reply.text };
  }
}

/** Body of a synchronous success. */
export function syncBody(metadata: unknown): string {
  const head =
    '{"type":"sync","status":"Success","status_code":200,"operation":"","error_code":0,"error":"",';
  return `${head}"metadata":${JSON.stringify(metadata)}}\n`;
}

/** Body of a refusal. */
export function errorBody(status: number, message: string): string {
  const body = {
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: status,
    error: message,
  };
  return `${JSON.stringify({ ...body, metadata: null })}\n`;
}
