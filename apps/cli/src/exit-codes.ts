import type { ErrorCode } from '@longshore/contract';

/** What the command ends with; scripts decide by these. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unreachable: 6,
  timeout: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Each exit code in words, for `longshore help exit-codes` and docs/cli.md. */
export const EXIT_CODE_TEXT: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done; with --no-wait: accepted'],
  [EXIT.failed, 'an operation failed or was cancelled, or something unforeseen happened'],
  [EXIT.usage, 'the command or the request is not valid, or a question was answered with no'],
  [EXIT.notFound, 'there is no such object'],
  [EXIT.denied, 'no valid token, or the token does not permit this'],
  [EXIT.conflict, "the object's state does not allow this: busy, protected, name taken, changed meanwhile"],
  [EXIT.unreachable, 'the server cannot be reached, or cannot answer now'],
  [EXIT.timeout, '--timeout passed while waiting; the operation goes on'],
  [EXIT.interrupted, 'Ctrl-C; operations that were accepted go on'],
];

/** The exit code of a refused request, for every error code. An operation that failed is always {@link EXIT.failed}. */
export const EXIT_CODE_OF: Readonly<Record<ErrorCode, ExitCode>> = {
  'bad-request': EXIT.usage,
  'bad-filter': EXIT.usage,
  'bad-cursor': EXIT.usage,
  unauthenticated: EXIT.denied,
  'permission-denied': EXIT.denied,
  'not-found': EXIT.notFound,
  'method-not-allowed': EXIT.usage,
  conflict: EXIT.conflict,
  'name-taken': EXIT.conflict,
  busy: EXIT.conflict,
  protected: EXIT.conflict,
  'idempotency-mismatch': EXIT.conflict,
  'precondition-failed': EXIT.conflict,
  'too-large': EXIT.usage,
  'unsupported-media-type': EXIT.usage,
  'precondition-required': EXIT.usage,
  'too-many-requests': EXIT.conflict,
  internal: EXIT.failed,
  unavailable: EXIT.unreachable,
  'host-unreachable': EXIT.failed,
  'host-quarantined': EXIT.conflict,
  'host-in-maintenance': EXIT.conflict,
  'host-refused': EXIT.failed,
  'host-failed': EXIT.failed,
  'not-an-lxd-server': EXIT.failed,
  'server-too-old': EXIT.failed,
  'already-enrolled': EXIT.conflict,
  'fingerprint-mismatch': EXIT.conflict,
  'fingerprint-unconfirmed': EXIT.conflict,
  'trust-token-refused': EXIT.failed,
  'trust-password-refused': EXIT.failed,
  'trust-missing': EXIT.failed,
  'no-suitable-host': EXIT.conflict,
  'pre-flight-failed': EXIT.conflict,
  'image-not-found': EXIT.notFound,
  cancelled: EXIT.failed,
  'partly-failed': EXIT.failed,
};
