import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FleetEvent } from '@longshore/contract';
import type { Subscription } from '@longshore/events';

/** Clients take a stream for dead after three of these (packages/contract/src/event-stream.ts). */
const KEEP_ALIVE_MS = 10_000;
/** A client that does not take what it asked for within this time is cut off; it can resume. */
const DRAIN_LIMIT_MS = 60_000;

/** How a stream is kept. */
export type EventStreamOptions = Readonly<{
  /** Ends the stream. */
  signal: AbortSignal;
  /** Asked at each keep-alive: false ends the stream, for its token is no longer valid. */
  stillAllowed: () => Promise<boolean>;
  keepAliveMs?: number;
}>;

/** Sends events until one side ends (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export async function sendEvents(
  out: ServerResponse,
  headers: Readonly<Record<string, string>>,
  subscription: Subscription,
  options: EventStreamOptions,
): Promise<void> {
  const { signal } = options;
  out.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no', // nginx would hold events back
    connection: 'close', // a stream ends when the server stops; its connection must not linger
    'last-event-id': subscription.position,
  });
  out.write(`retry: 1000\nid: ${subscription.position}\n\n`);
  const end = () => out.end();
  signal.addEventListener('abort', end, { once: true });
  const keepAlive = setInterval(() => {
    if (!out.writableNeedDrain) out.write(': keep-alive\n\n');
    options.stillAllowed().then(
      (allowed) => (allowed ? undefined : out.end()),
      () => undefined, // the database is away: the next keep-alive asks again
    );
  }, options.keepAliveMs ?? KEEP_ALIVE_MS);
  try {
    for await (const event of subscription) {
      if (out.writableEnded || out.destroyed) return;
      if (!out.write(frameOf(event))) await drained(out);
    }
  } finally {
    clearInterval(keepAlive);
    signal.removeEventListener('abort', end);
    out.end();
  }
}

/** JSON has no line breaks, so one data line holds it. */
function frameOf(event: FleetEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

async function drained(out: ServerResponse): Promise<void> {
  const limit = new AbortController();
  const late = setTimeout(() => limit.abort(), DRAIN_LIMIT_MS);
  const gone = () => limit.abort();
  out.once('close', gone);
  try {
    await once(out, 'drain', { signal: limit.signal });
  } catch {
    // Too slow or gone: the client comes back with the last identifier it saw.
    out.destroy();
  } finally {
    clearTimeout(late);
    out.off('close', gone);
  }
}
