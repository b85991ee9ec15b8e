import type { z } from 'zod';
import type { Permission } from './permissions.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One route of the API: the single source of the server's validation, OpenAPI, the client and the CLI's types. */
export type Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> = Readonly<{
  id: string;
  method: Method;
  /** Path with `{name}` for each key of `params`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** What the asker needs; `self` for what any person may do with their own account, null for what anyone may ask. */
  permission: Permission | 'self' | null;
  /** Not for the audit log: it prepares a login, or asks how one stands, and anyone may ask without end. */
  unaudited?: true;
  /** Also for people who wait for approval. */
  pendingToo?: true;
  /**
   * Who has the permission on some project, host or label only may ask, too: what answers the route looks at what the
   * request is about. Without this the permission is wanted on the whole fleet.
   */
  partial?: true;
  params: Params;
  query: Query;
  body: Body;
  status: 200 | 201 | 202 | 204;
  reply: Reply;
  /** The reply carries an ETag, or the request needs an If-Match with it. */
  etag?: 'returned' | 'required';
  /** The request body or the reply is a stream of bytes, not JSON. */
  stream?: 'request' | 'reply' | 'events';
}>;

/** Declares a route; keeps the exact types of its schemas. */
export function defineRoute<
  const Params extends z.ZodType,
  const Query extends z.ZodType,
  const Body extends z.ZodType,
  const Reply extends z.ZodType,
>(route: Route<Params, Query, Body, Reply>): Route<Params, Query, Body, Reply> {
  return route;
}
