import type { Readable } from 'node:stream';
import type { Permission, Route } from '@longshore/contract';
import type { Subscription } from '@longshore/events';
import type { Requester } from '@longshore/fleet';
import type { Access, Principal } from '@longshore/identity';
import type { z } from 'zod';
import type { Browser } from './browser.ts';
import { parsePart } from './parse-request.ts';

/** A request as HTTP gives it, nothing of it trusted but the principal. */
export type RawRequest = Readonly<{
  params: unknown;
  query: unknown;
  body: unknown;
  /** Who asks. */
  principal: Principal;
  /** What the principal may do, fleet-wide. */
  permits: (permission: Permission) => boolean;
  /** What the principal may do, and where. */
  access: Access;
  browser: Browser;
  requester: Requester;
  /** From If-Match: the revision that the client has seen; null for any. */
  revision: number | null;
  lastEventId: string | undefined;
  upload: Readable | null;
  /** Of the client, for what is limited per address. */
  address: string;
  /** Fires when the client is gone, when its token is no longer valid, and when the server stops. */
  signal: AbortSignal;
}>;

/** A request whose parts have the form that its route declares. */
export type ApiRequest<Params, Query, Body> = Omit<RawRequest, 'params' | 'query' | 'body'> &
  Readonly<{ params: Params; query: Query; body: Body }>;

/** A file to send. */
export type FileReply = Readonly<{
  stream: Readable;
  name: string;
  /** Null where nobody knows before it was sent. */
  sizeBytes: number | null;
  sha256?: string;
  /** Default `application/octet-stream`. */
  type?: string;
}>;

/** What a handler answers with. */
export type Outcome =
  | Readonly<{ kind: 'value'; value: unknown }>
  /** JSON that is text already: a list straight from the database. */
  | Readonly<{ kind: 'json'; text: string | Buffer }>
  | Readonly<{ kind: 'file'; file: FileReply }>
  | Readonly<{ kind: 'events'; subscription: Subscription }>;

/** A route with what answers it. */
export type BoundHandler = Readonly<{ route: Route; run(raw: RawRequest): Promise<Outcome> }>;

type Work<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Result> = (
  request: ApiRequest<z.output<Params>, z.output<Query>, z.output<Body>>,
) => Promise<Result>;

function bind<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType, Result>(
  route: Route<P, Q, B, R>,
  work: Work<P, Q, B, Result>,
  outcomeOf: (result: Result) => Outcome,
): BoundHandler {
  return {
    route,
    run: async (raw) =>
      outcomeOf(
        await work({
          ...raw,
          params: parsePart('path', route.params, raw.params),
          query: parsePart('query', route.query, raw.query),
          body: parsePart('body', route.body, raw.body),
        }),
      ),
  };
}

/** Answers a route with a value of the form that it declares. */
export function handle<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  route: Route<P, Q, B, R>,
  work: Work<P, Q, B, z.output<R>>,
): BoundHandler {
  return bind(route, work, (value) => ({ kind: 'value', value }));
}

/** Answers a route that has nothing to tell. */
export function handleEmpty<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  route: Route<P, Q, B, z.ZodUndefined>,
  work: Work<P, Q, B, void>,
): BoundHandler {
  return bind(route, work, () => ({ kind: 'value', value: undefined }));
}

/** Answers a route with JSON text. */
export function handleText<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(route: Route<P, Q, B, R>, work: Work<P, Q, B, string | Buffer>): BoundHandler {
  return bind(route, work, (text) => ({ kind: 'json', text }));
}

/** Answers a route with a file. */
export function handleFile<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(route: Route<P, Q, B, R>, work: Work<P, Q, B, FileReply>): BoundHandler {
  return bind(route, work, (file) => ({ kind: 'file', file }));
}

/** Answers a route with a stream of events. */
export function handleEvents<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(route: Route<P, Q, B, R>, work: Work<P, Q, B, Subscription>): BoundHandler {
  return bind(route, work, (subscription) => ({ kind: 'events', subscription }));
}
