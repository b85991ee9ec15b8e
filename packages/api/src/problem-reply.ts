import type { Socket } from 'node:net';
import { type ErrorCode, LongshoreError, problemOf } from '@longshore/contract';
import { type Log, StoreError } from '@longshore/store';
import type { FastifyReply, FastifyRequest } from 'fastify';

const MEDIA_TYPE = {
  code: 'unsupported-media-type',
  hint: 'Send application/json, or application/octet-stream where a file is uploaded.',
} as const;

/** Codes of Fastify's own refusals, https://fastify.dev/docs/latest/Reference/Errors/. */
const FASTIFY_CODES: Readonly<Record<string, Readonly<{ code: ErrorCode; hint?: string }>>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'too-large',
    hint: 'Send less in one request; files go to the routes for uploads.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: MEDIA_TYPE,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'bad-request',
    hint: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_EMPTY_TYPE: MEDIA_TYPE,
  FST_ERR_BAD_URL: { code: 'bad-request', hint: 'Encode each part of the address (RFC 3986).' },
  FST_ERR_ASYNC_CONSTRAINT: { code: 'bad-request' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not-found' },
};

/** Classes of PostgreSQL's error codes that pass: no connection, no resources, operator intervention, system error. */
const PASSING_SQLSTATE = /^(08|53|57|58)[0-9A-Z]{3}$/;

/** The system's codes for a connection that cannot be made or has just broken, also under a statement (EPIPE). */
const PASSING_SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What pg and Kysely throw, without a code, when the connection breaks under a statement or is closed. */
const CONNECTION_LOST =
  /^Connection terminated|connection error and is not queryable|driver has already been destroyed/;

/** An error of ours or of the layers below as one of the contract; null for what nobody foresaw. */
export function knownError(error: unknown): LongshoreError | null {
  if (error instanceof LongshoreError) return error;
  if (error instanceof StoreError) {
    const passing = error.code === 'database_unreachable' || error.code === 'store_closed';
    return passing ? unavailable(error) : null;
  }
  if (error instanceof Error && CONNECTION_LOST.test(error.message)) return unavailable(error);
  const code = codeOf(error);
  if (code === undefined) return null;
  const fastify = FASTIFY_CODES[code];
  if (fastify !== undefined) {
    const { code: ours, ...hint } = fastify;
    return new LongshoreError(ours, `${messageOf(error)}.`, { ...hint, cause: error });
  }
  return PASSING_SQLSTATE.test(code) || PASSING_SYSTEM_CODES.has(code) ? unavailable(error) : null;
}

function unavailable(cause: unknown): LongshoreError {
  return new LongshoreError('unavailable', 'The database does not answer now.', {
    hint: 'Try again in a few seconds; nothing of the request was kept unless an earlier try was accepted.',
    cause,
  });
}

/** Sends an error as a problem. What nobody foresaw is logged here, once, and the client learns its identifier alone. */
export function sendProblem(
  log: Log,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  let known = knownError(error);
  const occurrence = `urn:uuid:${request.id}`;
  if (known === null) {
    log.error(
      { error, occurrence, method: request.method, route: request.routeOptions.url ?? null },
      'a request failed in a way that nobody foresaw',
    );
    known = new LongshoreError('internal', 'The request failed in a way that nobody foresaw.', {
      hint: `Look for ${request.id} in the log of the server, and report it.`,
    });
  } else if (known.code === 'unavailable') {
    log.warn({ error: known.cause ?? known, occurrence }, 'a request could not be answered');
  }
  const problem = problemOf(known, occurrence);
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}

/** Answers what is not HTTP, or too slow, or has too long headers, and closes: there is no request to speak of. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = problemOf(
    tooLarge
      ? new LongshoreError('too-large', 'The headers of the request are too large.')
      : new LongshoreError('bad-request', 'The request is not HTTP, or did not arrive in time.'),
  );
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${tooLarge ? 'Content Too Large' : 'Bad Request'}\r\n` +
      `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
