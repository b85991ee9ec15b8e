import type { IncomingMessage } from 'node:http';
import { CONSOLE_PROTOCOL } from '@longshore/contract';

/** The one address. There is nothing behind it: no query, so that no secret can come into a log that way. */
const PATH = '/v1/console';
/** https://www.rfc-editor.org/rfc/rfc6454#section-6.2: scheme, host and port. `null` and anything with a path are none. */
const ORIGIN = /^https?:\/\/[a-z0-9.\-_[\]:]+$/;

/** A request for a websocket that may go on, with the origin of its page; or how it is refused. */
export type Handshake =
  | Readonly<{ ok: true; origin: string | null }>
  | Readonly<{ ok: false; status: string }>;

/**
 * Looks at the request alone; no header of a proxy counts. Which origin is right is told by the ticket: it is good only
 * for the page that it was given to (or for no page), compared letter by letter.
 */
export function checkHandshake(request: Pick<IncomingMessage, 'url' | 'headers' | 'method'>): Handshake {
  if (request.method !== 'GET' || request.url !== PATH) return { ok: false, status: '404 Not Found' };
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  if (!offered.includes(CONSOLE_PROTOCOL)) return { ok: false, status: '400 Bad Request' };
  const { origin } = request.headers;
  if (origin === undefined) return { ok: true, origin: null };
  return ORIGIN.test(origin) ? { ok: true, origin } : { ok: false, status: '403 Forbidden' };
}
