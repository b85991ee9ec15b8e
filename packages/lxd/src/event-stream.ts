import type WebSocket from 'ws';
import type { z } from 'zod';
import { type LxdEvent, type LxdEventType, lxdEventSchema, unknownEventSchema } from './api/event.ts';
import { projectQuery } from './api-path.ts';
import { type Backoff, nextWaitMs } from './backoff.ts';
import { isLxdError, LxdError } from './lxd-error.ts';
import type { Transport } from './transport.ts';
import { messageBytes, openWebSocket } from './web-socket.ts';

/** What to listen to, and what to call. Handlers are called synchronously, in the order of arrival, and must not throw. */
export type EventStreamOptions = {
  readonly project?: string | undefined;
  readonly allProjects?: boolean | undefined;
  /** Default: lifecycle and operation. */
  readonly types?: readonly LxdEventType[] | undefined;
  readonly onEvent?: ((event: LxdEvent) => void) | undefined;
  /** Called on each connection: events may have been missed before it, so read the state anew now. */
  readonly onConnect?: (() => void) | undefined;
  /** Called when a connection ended or could not be made; the stream goes on trying unless closed. */
  readonly onDisconnect?: ((reason: LxdError) => void) | undefined;
  /** The stream ends when this fires. */
  readonly signal?: AbortSignal | undefined;
  /** Longest silence, in milliseconds; the peer must answer our ping within it. Default 12,000: a cut cable shows in 15 s. */
  readonly silenceMs?: number | undefined;
  /** First and longest wait between attempts, in milliseconds, before jitter. Default 250 and 30,000. */
  readonly backoffMs?: Backoff | undefined;
  /** Source of the jitter, 0 to 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
};

export type EventStreamState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Events held for a slow iterating reader; beyond it the connection is dropped, which tells the reader to read anew. */
const MAX_QUEUED = 10_000;

/** The event websocket of a server, reconnecting until closed. Iterate it, or use the handlers. */
export class EventStream implements AsyncIterable<LxdEvent> {
  readonly #transport: Transport;
  readonly #options: EventStreamOptions;
  readonly #end = new AbortController();
  readonly #listeners = new Set<(event: LxdEvent | undefined) => void>();
  #state: EventStreamState = 'connecting';
  #socket: WebSocket | undefined;
  /** Resolves when the stream has ended for good. */
  readonly ended: Promise<void>;

  constructor(transport: Transport, options: EventStreamOptions) {
    this.#transport = transport;
    this.#options = options;
    if (options.signal?.aborted) this.#end.abort();
    options.signal?.addEventListener('abort', this.#onCallerAbort, { once: true });
    this.ended = this.#run();
  }

  get state(): EventStreamState {
    return this.#state;
  }

  /** True when operation events of `project` (or of all) arrive here right now. */
  covers(type: LxdEventType, project: string | undefined): boolean {
    const types = this.#options.types ?? DEFAULT_TYPES;
    if (this.#state !== 'open' || !types.includes(type)) return false;
    return (
      this.#options.allProjects === true ||
      (project !== undefined && project === (this.#options.project ?? 'default'))
    );
  }

  /** Hears every event; undefined tells of a lost connection or the end. Returns the function that stops it. */
  listen(listener: (event: LxdEvent | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the stream; resolves when its connection is gone. No handler is called afterwards. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.ended;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LxdEvent> {
    const queue: LxdEvent[] = [];
    let wake: (() => void) | undefined;
    const stop = this.listen((event) => {
      if (event) queue.push(event);
      if (queue.length > MAX_QUEUED) {
        queue.length = 0;
        this.#socket?.terminate();
      }
      wake?.();
    });
    try {
      for (;;) {
        const event = queue.shift();
        if (event) yield event;
        else if (this.#state === 'closed') return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stop();
    }
  }

  readonly #onCallerAbort = (): void => this.#end.abort();

  async #run(): Promise<void> {
    const signal = this.#end.signal;
    const random = this.#options.random ?? Math.random;
    const limits = this.#options.backoffMs ?? { first: 250, longest: 30_000 };
    let wait: number | undefined;
    while (!signal.aborted) {
      this.#state = 'connecting';
      let openedAt = Number.POSITIVE_INFINITY;
      const reason = await this.#connectOnce(() => {
        openedAt = performance.now();
      });
      if (signal.aborted) break;
      this.#state = 'waiting';
      for (const listener of this.#listeners) listener(undefined);
      this.#options.onDisconnect?.(reason);
      // Half to full of the wait, so that a thousand hosts behind one switch do not return as one.
      wait = nextWaitMs(wait, Math.max(0, performance.now() - openedAt), limits);
      await pause(wait * (0.5 + random() / 2), signal);
    }
    this.#state = 'closed';
    this.#options.signal?.removeEventListener('abort', this.#onCallerAbort);
    for (const listener of this.#listeners) listener(undefined);
  }

  /** One connection from its opening to its end; resolves with the reason of the end. */
  async #connectOnce(connected: () => void): Promise<LxdError> {
    const transport = this.#transport;
    const target = `${transport.label} WEBSOCKET /1.0/events`;
    const types = (this.#options.types ?? DEFAULT_TYPES).join(',');
    let ws: WebSocket;
    try {
      ws = await openWebSocket(
        transport,
        '/1.0/events',
        { ...projectQuery(this.#options), type: types },
        this.#end.signal,
      );
    } catch (error) {
      if (isLxdError(error)) return error;
      return new LxdError({
        code: 'unreachable',
        message: 'the event stream could not be opened',
        target,
        cause: error,
      });
    }
    return await new Promise<LxdError>((resolve) => {
      const silenceMs = this.#options.silenceMs ?? 12_000;
      let reason = new LxdError({
        code: 'unreachable',
        message: 'the server closed the event stream',
        target,
      });
      const drop = (why: LxdError): void => {
        reason = why;
        ws.terminate();
      };
      let heardAt = performance.now();
      const heard = (): void => {
        heardAt = performance.now();
      };
      // A busy stream proves itself; only a quiet one is pinged, four times before it is given up.
      const checkMs = silenceMs / 4;
      const watch = setInterval(() => {
        const quietMs = performance.now() - heardAt;
        if (quietMs >= silenceMs) {
          drop(new LxdError({ code: 'timeout', message: `no sign of life for ${silenceMs} ms`, target }));
        } else if (quietMs >= checkMs / 2) {
          ws.ping();
        }
      }, checkMs);
      const onAbort = (): void => ws.terminate();
      this.#end.signal.addEventListener('abort', onAbort, { once: true });
      ws.on('pong', heard);
      ws.on('ping', heard);
      ws.on('message', (data) => {
        heard();
        const event = parseEvent(messageBytes(data).toString('utf8'));
        if (event === 'bad')
          drop(new LxdError({ code: 'bad-reply', message: 'an event breaks the API', target }));
        else if (event !== 'other' && !this.#end.signal.aborted) this.#deliver(event);
      });
      ws.on('error', (cause) => {
        reason = new LxdError({
          code: 'unreachable',
          message: `the event stream broke: ${cause.message}`,
          target,
          cause,
        });
      });
      ws.once('close', () => {
        clearInterval(watch);
        this.#end.signal.removeEventListener('abort', onAbort);
        this.#socket = undefined;
        resolve(reason);
      });
      this.#socket = ws;
      this.#state = 'open';
      connected();
      if (this.#end.signal.aborted) ws.terminate();
      else this.#options.onConnect?.();
      ws.resume();
    });
  }

  #deliver(event: LxdEvent): void {
    this.#options.onEvent?.(event);
    for (const listener of this.#listeners) listener(event);
  }
}

const DEFAULT_TYPES: readonly LxdEventType[] = ['lifecycle', 'operation'];
const KNOWN_TYPES: ReadonlySet<string> = new Set<LxdEventType>(['lifecycle', 'operation', 'logging']);

function parseEvent(text: string): LxdEvent | 'other' | 'bad' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'bad'; // the caller drops the connection with a reason
  }
  const event: z.ZodSafeParseResult<LxdEvent> = lxdEventSchema.safeParse(value);
  if (event.success) return event.data;
  const frame = unknownEventSchema.safeParse(value);
  return frame.success && !KNOWN_TYPES.has(frame.data.type) ? 'other' : 'bad';
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
