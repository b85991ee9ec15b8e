/**
 * What went wrong, as a stable code that callers match on:
 * - `unreachable`: no connection (refused, no route, name not found, reset, not TLS)
 * - `timeout`: the deadline or the idle limit passed; `aborted`: the caller's signal fired
 * - `fingerprint-mismatch`: the server showed another certificate than the pinned one; nothing was sent
 * - `forbidden`, `not-found`, `conflict`, `precondition-failed`, `bad-request`, `server-error`: the server's answer
 * - `not-lxd`: something answers, but not an LXD or Incus server; `bad-reply`: a server's answer breaks the API
 * - `too-large`: a reply or output beyond the limit
 * - `operation-failed`, `operation-cancelled`: how a background operation ended
 */
export type LxdErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'fingerprint-mismatch'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'precondition-failed'
  | 'bad-request'
  | 'server-error'
  | 'not-lxd'
  | 'bad-reply'
  | 'too-large'
  | 'operation-failed'
  | 'operation-cancelled';

/** Whether the same call may succeed later without anyone changing anything. */
const RETRYABLE: Readonly<Record<LxdErrorCode, boolean>> = {
  unreachable: true,
  timeout: true,
  aborted: false,
  'fingerprint-mismatch': false,
  forbidden: false,
  'not-found': false,
  conflict: false,
  'precondition-failed': true,
  'bad-request': false,
  'server-error': true,
  'not-lxd': false,
  'bad-reply': false,
  'too-large': false,
  'operation-failed': false,
  'operation-cancelled': false,
};

const HINTS: Readonly<Record<LxdErrorCode, string>> = {
  unreachable: 'Check that the server runs, that its address is right and that nothing blocks the port.',
  timeout: 'The server did not answer in time; try again, or allow it more time.',
  aborted: 'The call was cancelled by its caller.',
  'fingerprint-mismatch':
    'The server shows another certificate than the pinned one. If it was renewed on purpose, pin the new fingerprint; if not, someone may be in between.',
  forbidden: 'Ask for trust on the server, or for access to this project.',
  'not-found': 'Check the name and the project; it may have been removed meanwhile.',
  conflict: 'Something with this name exists already, or it is busy; pick another name or wait.',
  'precondition-failed': 'It was changed meanwhile: read it again, and repeat the change on the new state.',
  'bad-request': 'The server refused the request as it is; its message says what to change.',
  'server-error': "Look at the server's log; the same call may succeed later.",
  'not-lxd': 'Check the address and port: what answers there is not an LXD or Incus server.',
  'bad-reply': "The server's answer does not follow the LXD API; check its version and what sits in between.",
  'too-large': 'Raise the limit, or ask for less.',
  'operation-failed': "The message is the server's own cause.",
  'operation-cancelled':
    'Somebody or something cancelled the operation; start it again if that was not wanted.',
};

/** What an {@link LxdError} is made of. */
export type LxdErrorFields = {
  readonly code: LxdErrorCode;
  readonly message: string;
  /** On what: the server and the call, such as `https://10.0.0.1:8443 GET /1.0/instances/web1`. */
  readonly target: string;
  /** HTTP status, where there was a reply. */
  readonly status?: number | undefined;
  readonly hint?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
};

/** The only error this package throws on purpose. `message` says what failed, `target` on what, `hint` what to do. */
export class LxdError extends Error {
  readonly code: LxdErrorCode;
  readonly status?: number;
  readonly target: string;
  readonly retryable: boolean;
  readonly hint: string;

  constructor(fields: LxdErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'LxdError';
    this.code = fields.code;
    this.target = fields.target;
    this.retryable = fields.retryable ?? RETRYABLE[fields.code];
    this.hint = fields.hint ?? HINTS[fields.code];
    if (fields.status !== undefined) this.status = fields.status;
  }
}

/** True when `error` is an {@link LxdError}, with one of `codes` where any are given. */
export function isLxdError(error: unknown, ...codes: readonly LxdErrorCode[]): error is LxdError {
  return error instanceof LxdError && (codes.length === 0 || codes.includes(error.code));
}

/** The code of an HTTP status that is not a success. 401 and 403 are the same to us: ask for access. */
export function codeOfStatus(status: number): LxdErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 412:
      return 'precondition-failed';
    default:
      return status >= 400 && status < 500 ? 'bad-request' : 'server-error';
  }
}

/** Code of an error the API returned. The texts are those LXD 5.0 and Incus 6.0 send with a status that misleads. */
export function codeOfApiError(status: number, text: string): LxdErrorCode {
  if (status >= 500 || status === 400) {
    if (/\bnot authorized\b|certificate is restricted|\bforbidden\b|does not have permission/i.test(text))
      return 'forbidden';
    if (/\balready exists\b|already in use|\bis busy\b|already connected/i.test(text)) return 'conflict';
    if (/ETag doesn't match/i.test(text)) return 'precondition-failed';
  }
  return codeOfStatus(status);
}

/** Turns what the socket, TLS or HTTP layer threw into an {@link LxdError}; one that is one already passes. */
export function fromNetworkError(error: unknown, target: string): LxdError {
  if (error instanceof LxdError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new LxdError({ code: 'timeout', message: 'no connection in time', target, cause });
  }
  if (code.startsWith('HPE_')) {
    return new LxdError({ code: 'not-lxd', message: 'the answer is not HTTP', target, cause });
  }
  const tls = code.startsWith('ERR_SSL_') || code === 'EPROTO';
  const detail =
    cause instanceof AggregateError
      ? cause.errors.map((e) => (e instanceof Error ? e.message : String(e))).join('; ')
      : cause.message;
  // OpenSSL's own message is a page of source paths; its reason is the part for people.
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : detail;
  return new LxdError({
    code: 'unreachable',
    message: tls ? `TLS handshake failed: ${reason}` : `cannot talk to the server: ${detail || code}`,
    target,
    cause,
    ...(tls ? { hint: 'Check that the port is the one of the HTTPS API.' } : {}),
  });
}
