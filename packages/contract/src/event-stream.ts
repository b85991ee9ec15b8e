import { EventSourceParserStream } from 'eventsource-parser/stream';
import { LongshoreError } from './problem.ts';
import { FleetEvent } from './resources/event.ts';

export type EventStreamOptions = Readonly<{
  types?: readonly string[];
  hostId?: string;
  /** Go on after this event. */
  lastEventId?: string;
  signal?: AbortSignal;
  /** Told when the stream is open, so that a reader can read the lists now and miss nothing. */
  onOpen?: () => void;
  /** First pause before a new try, in milliseconds; doubled up to 10 s. */
  retryMs?: number;
}>;

type Open = (
  query: Record<string, string | undefined>,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<Response>;

/** The server sends a comment each 10 s; after three missed ones the connection is dead, whatever TCP thinks. */
const SILENCE_LIMIT_MS = 30_000;
const MAX_RETRY_MS = 10_000;

/** Follows the event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) and resumes after breaks. */
export async function* followEvents(open: Open, options: EventStreamOptions): AsyncGenerator<FleetEvent> {
  let lastEventId = options.lastEventId;
  const firstRetryMs = options.retryMs ?? 500;
  let retryMs = firstRetryMs;
  const stopped = () => options.signal?.aborted === true;
  while (!stopped()) {
    const abort = new AbortController();
    const stop = () => abort.abort();
    options.signal?.addEventListener('abort', stop, { once: true });
    let silence = setTimeout(stop, SILENCE_LIMIT_MS);
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_LIMIT_MS);
    };
    try {
      const response = await open(
        { types: options.types?.join(','), hostId: options.hostId },
        {
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        abort.signal,
      );
      // So that a break before the first event loses nothing either.
      lastEventId ??= response.headers.get('last-event-id') ?? undefined;
      options.onOpen?.();
      retryMs = firstRetryMs;
      if (response.body !== null) {
        const events = response.body
          .pipeThrough(
            new TransformStream<Uint8Array, Uint8Array>({
              transform: (chunk, out) => {
                alive();
                out.enqueue(chunk);
              },
            }),
            { signal: abort.signal },
          )
          .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
          .pipeThrough(new EventSourceParserStream());
        for await (const message of events) {
          if (message.id !== undefined) lastEventId = message.id;
          const event = FleetEvent.safeParse(JSON.parse(message.data));
          if (event.success) yield event.data;
        }
      }
    } catch (error) {
      // A refusal stays a refusal; anything else is a break in the line, after which we resume.
      if (
        error instanceof LongshoreError &&
        !['unavailable', 'internal', 'too-many-requests'].includes(error.code)
      )
        throw error;
      if (stopped()) return;
    } finally {
      clearTimeout(silence);
      options.signal?.removeEventListener('abort', stop);
      abort.abort();
    }
    await pause(retryMs, options.signal);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
