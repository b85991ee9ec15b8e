import { ERROR_CODES, type ErrorCode } from '@longshore/contract';

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

/**
 * The exit code of a refused request, by the HTTP status of its code, so that new codes fall into place. An operation that
 * failed is always {@link EXIT.failed}.
 */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (ERROR_CODES[code].status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 428:
      return EXIT.usage;
    case 401:
    case 403:
      return EXIT.denied;
    case 404:
      return EXIT.notFound;
    case 409:
    case 412:
    case 429:
      return EXIT.conflict;
    case 503:
      return EXIT.unreachable;
    default:
      return EXIT.failed;
  }
}
