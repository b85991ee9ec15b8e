import type { z } from 'zod';
import { type EventStreamOptions, followEvents } from './event-stream.ts';
import { LongshoreError, Problem } from './problem.ts';
import type { FleetEvent } from './resources/event.ts';
import type { Route } from './route.ts';
import { type RouteId, type Routes, routes } from './routes.ts';

/** Where the API is and who asks. `fetch` can be given for sockets, proxies and tests. */
export type ClientOptions = Readonly<{
  url: string;
  token?: string;
  fetch?: typeof fetch;
  userAgent?: string;
}>;

/** What a call of a route takes. */
export type CallInput<R extends Route> = Readonly<{
  params?: z.input<R['params']>;
  query?: z.input<R['query']>;
  body?: z.input<R['body']>;
  /** For routes with `stream: 'request'`. */
  stream?: ReadableStream<Uint8Array>;
  ifMatch?: string;
  idempotencyKey?: string;
  signal?: AbortSignal;
}>;

/** The parsed reply with its ETag. */
export type CallReply<R extends Route> = Readonly<{ value: z.output<R['reply']>; etag: string | null }>;

export type Client = Readonly<{
  /**
   * Calls a route by its identifier.
   * @throws LongshoreError with the problem's code, or `unavailable` where the server cannot be reached.
   */
  call<Name extends RouteId>(id: Name, input?: CallInput<Routes[Name]>): Promise<CallReply<Routes[Name]>>;
  /** The raw reply of a route with `stream: 'reply'`. */
  download(id: RouteId, input?: CallInput<Route>): Promise<Response>;
  /** Follows changes, reconnecting and resuming until the signal is aborted. */
  events(options?: EventStreamOptions): AsyncGenerator<FleetEvent>;
}>;

/** The typed client of the API, derived from the routes; runs in Node and in browsers. */
export function createClient(options: ClientOptions): Client {
  const send = (route: Route, input: CallInput<Route>) => sendRequest(options, route, input);
  return {
    async call(id, input = {}) {
      const route = routes[id];
      const response = await send(route, input as CallInput<Route>);
      const value: unknown = response.status === 204 ? undefined : await readJson(options.url, response);
      const parsed = route.reply.safeParse(value);
      if (!parsed.success) {
        throw new LongshoreError(
          'unavailable',
          `The server at ${options.url} answered ${route.id} in an unknown form.`,
          {
            hint: 'Is the client of the same version as the server?',
            cause: parsed.error,
          },
        );
      }
      return { value: parsed.data as never, etag: response.headers.get('etag') };
    },
    download: (id, input = {}) => send(routes[id], input),
    events: (streamOptions = {}) =>
      followEvents(
        (query, headers, signal) => send(routes.streamEvents, { query, signal, headers } as CallInput<Route>),
        streamOptions,
      ),
  };
}

async function sendRequest(options: ClientOptions, route: Route, input: CallInput<Route>): Promise<Response> {
  const extra = (input as { headers?: Record<string, string> }).headers ?? {};
  const headers = new Headers({ accept: 'application/json, application/problem+json', ...extra });
  if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
  // Without a token it is a browser with the cookie of a session: a header that no foreign page can send (CSRF).
  else headers.set('x-longshore-csrf', '1');
  if (options.userAgent !== undefined) headers.set('user-agent', options.userAgent);
  if (input.ifMatch !== undefined) headers.set('if-match', input.ifMatch);
  if (input.idempotencyKey !== undefined) headers.set('idempotency-key', input.idempotencyKey);
  const init: RequestInit & { duplex?: 'half' } = { method: route.method, headers };
  if (input.signal !== undefined) init.signal = input.signal;
  if (input.stream !== undefined) {
    headers.set('content-type', 'application/octet-stream');
    init.body = input.stream;
    init.duplex = 'half';
  } else if (input.body !== undefined) {
    headers.set('content-type', 'application/json');
    init.body = JSON.stringify(input.body);
  }
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(addressOf(options.url, route, input), init);
  } catch (error) {
    if (input.signal?.aborted === true) throw error;
    throw new LongshoreError(
      'unavailable',
      `The server at ${options.url} cannot be reached: ${reasonOf(error)}.`,
      {
        hint: 'Is it running, and is the address right?',
        cause: error,
      },
    );
  }
  if (response.ok) return response;
  throw await problemFrom(options.url, response);
}

function addressOf(base: string, route: Route, input: CallInput<Route>): string {
  const params = (input.params ?? {}) as Record<string, unknown>;
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return `${base.replace(/\/+$/, '')}${path}${text === '' ? '' : `?${text}`}`;
}

async function readJson(url: string, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new LongshoreError('unavailable', `The server at ${url} did not answer with JSON.`, {
      hint: 'Does the address lead to Longshore, and not to something in between?',
      cause: error,
    });
  }
}

async function problemFrom(url: string, response: Response): Promise<LongshoreError> {
  const parsed = Problem.safeParse(await readJson(url, response));
  if (!parsed.success) {
    return new LongshoreError(
      'unavailable',
      `${url} answered with status ${response.status}, but not as Longshore does.`,
      {
        hint: 'Does the address lead to Longshore, and not to something in between?',
      },
    );
  }
  const { code, detail, hint, fields } = parsed.data;
  return new LongshoreError(code, detail, {
    ...(hint === undefined ? {} : { hint }),
    ...(fields === undefined ? {} : { fields }),
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
