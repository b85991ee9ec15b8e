import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import type { z } from 'zod';
import { type Envelope, envelopeSchema } from './api/envelope.ts';
import { type OperationRef, operationSchema } from './api/operation.ts';
import { checkPath, type Query, withQuery } from './api-path.ts';
import type { CallOptions, Tagged } from './call-options.ts';
import { chunkBytes } from './chunk-bytes.ts';
import { type Deadline, raceSignal, startDeadline } from './deadline.ts';
import { dial } from './dial.ts';
import { type Endpoint, endpointLabel } from './endpoint.ts';
import { idleGuarded, restarting } from './idle-limit.ts';
import { codeOfApiError, fromNetworkError, LxdError } from './lxd-error.ts';

/** How the client behaves; all optional. */
export type TransportOptions = {
  /** Deadline of a call without its own, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Longest silence of a file or image transfer, in milliseconds. Default 60,000. */
  readonly idleMs?: number | undefined;
  /**
   * Largest JSON or text answer, in bytes. Default 64 MiB: recursion=2 of 5,000 instances is about 25 MB. What is no
   * list of whole objects is held to 16 MiB besides.
   */
  readonly maxReplyBytes?: number | undefined;
  /** Most connections held to the server at once. Default 64; long waits take one each. */
  readonly connections?: number | undefined;
  readonly userAgent?: string | undefined;
};

/** One request. `path` is already encoded (see `apiPath`). */
export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly json?: unknown;
  readonly stream?: {
    readonly body: Readable | Uint8Array;
    readonly contentType: string;
    readonly bytes?: number | undefined;
  };
  readonly headers?: Readonly<Record<string, string>>;
  readonly etag?: string | undefined;
  /** Answered with one object, although the query asks for recursion. */
  readonly single?: true;
};

/** A streamed answer. The caller must read `body` to its end or destroy it; `idleMs` of silence destroys it. */
export type RawReply = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Readable;
};

// LXD and Incus close a connection after 30 s without a request; leave before them.
const KEEP_ALIVE_MS = 25_000;
// A host that is there answers within a second; one that comes back is found sooner with short attempts.
const CONNECT_MS = 10_000;
const STALE_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** Text of an HTTP header that may come once, many times, or not. */
export function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

/**
 * Largest answer about a single object: an instance with 3 MiB of cloud-init data and several snapshots, which repeat
 * them. Many are read at the same time, and each answer is held in memory whole: a server that answers 100 MB to
 * everything cost 525 MiB where this one costs a quarter of that.
 */
const SINGLE_REPLY_BYTES = 16 * 1024 * 1024;

/** HTTP to one server over a keep-alive pool; knows the envelope and nothing of single resources. */
export class Transport {
  readonly endpoint: Endpoint;
  readonly label: string;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly maxReplyBytes: number;
  readonly userAgent: string;
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #closing = new AbortController();

  constructor(endpoint: Endpoint, options: TransportOptions) {
    this.endpoint = endpoint;
    this.label = endpointLabel(endpoint);
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.idleMs = options.idleMs ?? 60_000;
    this.maxReplyBytes = options.maxReplyBytes ?? 64 * 1024 * 1024;
    this.userAgent = options.userAgent ?? 'longshore-lxd';
    if (endpoint.kind === 'https' && !(URL.canParse(endpoint.url) && endpoint.url.startsWith('https:'))) {
      throw new LxdError({
        code: 'bad-request',
        message: `${endpoint.url} is not an https address`,
        target: this.label,
        hint: 'Write it as https://HOST:8443.',
      });
    }
    const url = endpoint.kind === 'https' ? new URL(endpoint.url) : undefined;
    this.#prefix = url ? url.pathname.replace(/\/+$/, '') : '';
    this.#pool = new Pool(url ? url.origin : 'http://unix.socket', {
      connections: options.connections ?? 64,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0, // deadlines are ours
      bodyTimeout: 0,
      allowH2: false,
      connect: (_, callback) => {
        this.dial(this.#closing.signal).then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(fromNetworkError(error, this.label), null),
        );
      },
    });
  }

  /** A connected, pinned socket of its own, outside the pool: for websockets. */
  async dial(signal: AbortSignal): Promise<Socket> {
    const deadline = startDeadline({ signal, timeoutMs: CONNECT_MS }, this.label);
    try {
      return await dial(this.endpoint, deadline.signal);
    } finally {
      deadline.end();
    }
  }

  /** Path on the server including the prefix of the endpoint's URL. */
  url(path: string, query: Query = {}): string {
    return this.#prefix + withQuery(path, query);
  }

  /** How errors name this request. The query is left out: it may hold a secret. */
  target(request: Pick<Request, 'method' | 'path'>): string {
    return `${this.label} ${request.method} ${request.path}`;
  }

  /** Asks for `schema` in a synchronous answer. */
  async get<T>(request: Omit<Request, 'method'>, schema: z.ZodType<T>, options: CallOptions): Promise<T> {
    return (await this.getTagged(request, schema, options)).value;
  }

  /** Like {@link get}, with the ETag. */
  async getTagged<T>(
    request: Omit<Request, 'method'>,
    schema: z.ZodType<T>,
    options: CallOptions,
  ): Promise<Tagged<T>> {
    const full: Request = { ...request, method: 'GET' };
    const { envelope, etag } = await this.#json(full, options);
    return { value: this.parse(schema, envelope.metadata, full), etag };
  }

  /** Starts something; the answer must be a background operation. */
  async start(request: Request, options: CallOptions): Promise<OperationRef> {
    const { envelope } = await this.#json(request, options);
    if (envelope.type !== 'async')
      throw this.#bad(request, 'expected a background operation, got a plain answer');
    return this.#operationRef(envelope.metadata, request);
  }

  /** Changes something; newer servers answer with an operation where older ones had finished by then. */
  async change(request: Request, options: CallOptions): Promise<OperationRef | undefined> {
    const { envelope } = await this.#json(request, options);
    if (envelope.type === 'sync') return undefined;
    return this.#operationRef(envelope.metadata, request);
  }

  /** A text answer, such as metrics or a log, bounded like JSON is. */
  async text(request: Omit<Request, 'method'>, options: CallOptions): Promise<string> {
    return (await this.bytes({ ...request, method: 'GET' }, options)).body.toString('utf8');
  }

  /** A small binary answer with its headers. */
  async bytes(
    request: Request,
    options: CallOptions,
    limit = this.maxReplyBytes,
  ): Promise<{ readonly headers: RawReply['headers']; readonly body: Buffer }> {
    return await this.#withDeadline(request, options, async (deadline) => {
      const reply = await this.#send(request, deadline);
      const body = await this.#read(reply.body, request, deadline.signal, limit);
      if (reply.statusCode !== 200) throw this.#errorOf(request, reply.statusCode, body);
      return { headers: reply.headers, body };
    });
  }

  /** A streamed answer; `timeoutMs` (default: the idle limit) is the longest silence, not the whole duration. */
  async stream(request: Request, options: CallOptions): Promise<RawReply> {
    const target = this.target(request);
    const deadline = startDeadline(
      { signal: options.signal, timeoutMs: options.timeoutMs ?? this.idleMs },
      target,
    );
    try {
      const reply = await raceSignal(this.#send(request, deadline), deadline.signal);
      if (reply.statusCode !== 200) {
        const body = await this.#read(reply.body, request, deadline.signal, this.maxReplyBytes);
        throw this.#errorOf(request, reply.statusCode, body);
      }
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: idleGuarded(reply.body, deadline, target),
      };
    } catch (error) {
      deadline.end();
      throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, target);
    }
  }

  /** Parses what a server sent; throws `bad-reply` naming the first fields that are wrong. */
  parse<T>(schema: z.ZodType<T>, value: unknown, request: Pick<Request, 'method' | 'path'>): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.slice(0, 3).map((i) => `${i.path.join('.') || 'value'}: ${i.message}`);
    throw this.#bad(request, issues.join('; '));
  }

  /** Ends all connections at once; calls under way fail with `unreachable`. */
  async close(): Promise<void> {
    const error = new LxdError({
      code: 'unreachable',
      message: 'the client was closed',
      target: this.label,
      retryable: false,
    });
    this.#closing.abort(error);
    await this.#pool.destroy(error);
  }

  async #json(
    request: Request,
    options: CallOptions,
  ): Promise<{ envelope: Exclude<Envelope, { type: 'error' }>; etag: string }> {
    return await this.#withDeadline(request, options, async (deadline) => {
      const reply = await this.#send(request, deadline);
      const body = await this.#read(reply.body, request, deadline.signal, this.#limitOf(request));
      if (reply.statusCode !== 200 && reply.statusCode !== 201 && reply.statusCode !== 202) {
        throw this.#errorOf(request, reply.statusCode, body);
      }
      const envelope = this.parse(envelopeSchema, this.#jsonOf(body, request), request);
      if (envelope.type === 'error') throw this.#apiError(request, envelope.error_code, envelope.error);
      return { envelope, etag: headerText(reply.headers.etag) ?? '' };
    });
  }

  #limitOf({ query, single }: Request): number {
    const isList = query?.recursion !== undefined && single !== true;
    return isList ? this.maxReplyBytes : Math.min(this.maxReplyBytes, SINGLE_REPLY_BYTES);
  }

  #operationRef(metadata: unknown, request: Request): OperationRef {
    const operation = this.parse(operationSchema, metadata, request);
    return { id: operation.id, project: String(request.query?.project ?? 'default'), operation };
  }

  async #withDeadline<T>(
    request: Request,
    options: CallOptions,
    run: (deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    const target = this.target(request);
    const usual = request.stream ? this.idleMs : this.timeoutMs;
    const deadline = startDeadline({ signal: options.signal, timeoutMs: options.timeoutMs ?? usual }, target);
    try {
      return await raceSignal(run(deadline), deadline.signal);
    } catch (error) {
      throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, target);
    } finally {
      deadline.end();
    }
  }

  async #send(request: Request, deadline: Deadline): Promise<Dispatcher.ResponseData> {
    checkPath(request.path, this.target(request));
    const headers: Record<string, string> = { 'user-agent': this.userAgent, ...request.headers };
    if (request.etag !== undefined && request.etag !== '') headers['if-match'] = request.etag;
    let body: string | Readable | Uint8Array | null = null;
    if (request.stream) {
      headers['content-type'] = request.stream.contentType;
      if (request.stream.bytes !== undefined) headers['content-length'] = String(request.stream.bytes);
      body =
        request.stream.body instanceof Readable
          ? restarting(request.stream.body, deadline)
          : request.stream.body;
    } else if (request.json !== undefined) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(request.json);
    }
    const send = (): Promise<Dispatcher.ResponseData> =>
      this.#pool.request({
        method: request.method,
        path: this.url(request.path, request.query),
        headers,
        body,
        signal: deadline.signal,
      });
    try {
      return await send();
    } catch (error) {
      // The server closed a kept connection just as we took it. A read may be repeated; a change may not.
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      const stale = request.method === 'GET' && typeof code === 'string' && STALE_CONNECTION.has(code);
      if (!stale || deadline.signal.aborted) throw error;
      return await send();
    }
  }

  async #read(body: Readable, request: Request, signal: AbortSignal, limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      const bytes = chunkBytes(chunk);
      size += bytes.length;
      if (size > limit) {
        // Leaving the loop destroys the body, and with it the connection.
        throw new LxdError({
          code: 'too-large',
          message: `the answer is larger than the limit of ${limit} bytes`,
          target: this.target(request),
        });
      }
      if (signal.aborted) throw signal.reason;
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  }

  #jsonOf(body: Buffer, request: Request): unknown {
    try {
      return JSON.parse(body.toString('utf8'));
    } catch (cause) {
      throw this.#bad(request, 'the answer is not JSON', cause);
    }
  }

  #errorOf(request: Request, status: number, body: Buffer): LxdError {
    let parsed: z.ZodSafeParseResult<Envelope>;
    try {
      parsed = envelopeSchema.safeParse(JSON.parse(body.toString('utf8')));
    } catch (cause) {
      return status >= 500
        ? new LxdError({
            code: 'server-error',
            message: `HTTP status ${status} without a message`,
            status,
            target: this.target(request),
          })
        : this.#bad(request, `HTTP status ${status} with an answer that is not JSON`, cause);
    }
    if (parsed.success && parsed.data.type === 'error')
      return this.#apiError(request, status, parsed.data.error);
    return this.#bad(request, `HTTP status ${status} without an error in the answer`);
  }

  #apiError(request: Request, status: number, text: string): LxdError {
    return new LxdError({
      code: codeOfApiError(status, text),
      message: text,
      status,
      target: this.target(request),
    });
  }

  #bad(request: Pick<Request, 'method' | 'path'>, message: string, cause?: unknown): LxdError {
    return new LxdError({ code: 'bad-reply', message, target: this.target(request), cause });
  }
}
