import { type Failure, LongshoreError, problemOf } from '@longshore/contract';
import { CommanderError } from 'commander';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';

/** Errors that arise in the command itself, before or after the API was asked. */
const OWN = {
  usage: { exit: EXIT.usage, title: 'The command is not valid' },
  declined: { exit: EXIT.usage, title: 'Not confirmed' },
  'not-found': { exit: EXIT.notFound, title: 'There is no such object' },
  ambiguous: { exit: EXIT.usage, title: 'The name fits several objects' },
  timeout: { exit: EXIT.timeout, title: 'Waited too long' },
  interrupted: { exit: EXIT.interrupted, title: 'Interrupted' },
  failed: { exit: EXIT.failed, title: 'The command failed' },
} as const satisfies Record<string, { exit: ExitCode; title: string }>;
export type CliErrorCode = keyof typeof OWN;

/** What failed, on what, and what the person can do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly hint: string | undefined;

  constructor(code: CliErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** An operation that ended without success; the words are the operation's own. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  readonly failure: Failure;
  readonly operationId: string;

  constructor(operationId: string, failure: Failure) {
    super(failure.message);
    this.operationId = operationId;
    this.failure = failure;
  }
}

/** An error as people and programs get it: a problem document (RFC 9457) and the exit code. */
export type Report = Readonly<{
  exit: ExitCode;
  problem: Readonly<{
    type: string;
    title: string;
    status?: number;
    code: string;
    detail: string;
    hint?: string | undefined;
    fields?: readonly { path: string; message: string }[] | undefined;
    operation?: string;
  }>;
}>;

/** Turns whatever was thrown into a report. */
export function reportOf(error: unknown): Report {
  if (error instanceof CliError) return own(error.code, error.message, error.hint);
  if (error instanceof OperationFailed) {
    const { code, message, hint } = error.failure;
    const problem = problemOf(new LongshoreError(code, message, hint === undefined ? {} : { hint }));
    return { exit: EXIT.failed, problem: { ...problem, operation: error.operationId } };
  }
  if (error instanceof LongshoreError)
    return { exit: exitCodeOf(error.code), problem: problemOf(withHint(error)) };
  if (error instanceof CommanderError) {
    return own('usage', error.message.replace(/^error: /, ''), 'Add --help to see how it is used.');
  }
  return own('failed', error instanceof Error ? error.message : String(error), undefined);
}

function own(code: CliErrorCode, detail: string, hint: string | undefined): Report {
  const { exit, title } = OWN[code];
  return {
    exit,
    problem: { type: 'about:blank', title, code, detail, ...(hint === undefined ? {} : { hint }) },
  };
}

/** Where a token is missing, says what to do at the command line; the server's hint is about HTTP. */
function withHint(error: LongshoreError): LongshoreError {
  if (error.code !== 'unauthenticated') return error;
  return new LongshoreError(error.code, error.message, {
    hint: 'Add a context with a valid token (`longshore context add`), or set LONGSHORE_TOKEN.',
    cause: error,
  });
}
