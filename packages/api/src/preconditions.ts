import { createHash } from 'node:crypto';
import { LongshoreError, type Route } from '@longshore/contract';
import type { Requester } from '@longshore/fleet';
import type { Principal } from '@longshore/identity';

/** The ETag of a revision. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision that a change is meant for; null where any will do. Strong comparison (RFC 9110, 13.1.1): a weak tag
 * never matches.
 *
 * @throws LongshoreError `precondition-required`, `precondition-failed`
 */
export function revisionOf(route: Route, ifMatch: string | undefined): number | null {
  if (route.etag !== 'required') return null;
  if (ifMatch === undefined) {
    throw new LongshoreError(
      'precondition-required',
      `${route.method} ${route.path} needs an If-Match header.`,
      {
        hint: 'Read the object, and send its ETag back as If-Match, so that nobody else’s change is overwritten.',
      },
    );
  }
  if (ifMatch.trim() === '*') return null;
  const revision = /^"(\d{1,10})"$/.exec(ifMatch.trim())?.[1];
  if (revision === undefined || Number(revision) > MAX_REVISION) {
    throw new LongshoreError('precondition-failed', 'The If-Match header is not an ETag of this object.', {
      hint: 'Read the object again and send its ETag as it is, with the quotes.',
    });
  }
  return Number(revision);
}

/** PostgreSQL's integer. */
const MAX_REVISION = 2_147_483_647;
const MAX_KEY_LENGTH = 255;

/** What makes two requests with one key the same request. */
export type RequestContent = Readonly<{ method: string; url: string; bodyHash: string }>;

/**
 * Who asks, with the idempotency key of a route that accepts operations.
 * @throws LongshoreError `bad-request` for a key that is empty, too long or not printable
 */
export function requesterOf(
  route: Route,
  { kind, id, name }: Principal,
  key: string | undefined,
  content: RequestContent,
): Requester {
  if (key === undefined || route.status !== 202) return { name, id };
  if (key.length > MAX_KEY_LENGTH || !/^[\x20-\x7e]+$/.test(key)) {
    throw new LongshoreError('bad-request', 'The Idempotency-Key header is not valid.', {
      hint: `Use 1 to ${MAX_KEY_LENGTH} printable ASCII characters, such as a UUID.`,
    });
  }
  const requestHash = createHash('sha256')
    .update(`${content.method}\n${content.url}\n${content.bodyHash}`)
    .digest('hex');
  // A person and a robot may have one name; their keys are apart. 37 characters more fit a text column.
  return { name, id, idempotencyKey: kind === 'person' ? `${id} ${key}` : key, requestHash };
}
