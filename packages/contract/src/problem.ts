import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, errorCodes } from './error-codes.ts';

/** An error as RFC 9457 "problem details"; served as `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string().describe('Where the server explains the code, relative to its address.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(errorCodes),
    detail: z.string().describe('What failed, on which object.'),
    hint: z.string().optional().describe('What the person can do.'),
    instance: z.string().optional().describe('Identifier of this occurrence; the same as in the log.'),
    fields: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Errors at their field, for forms.'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** Why an operation ended without success: the same words as a problem, kept with the operation. */
export const Failure = z
  .object({ code: z.enum(errorCodes), message: z.string(), hint: z.string().optional() })
  .meta({ id: 'Failure' });
export type Failure = z.infer<typeof Failure>;

/** The error that rooms throw; the API turns it into a {@link Problem}, an operation keeps it as {@link Failure}. */
export class LongshoreError extends Error {
  override readonly name = 'LongshoreError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly fields: readonly { path: string; message: string }[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; fields?: readonly { path: string; message: string }[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.fields = options.fields;
  }
}

/** The problem document of an error; `instance` names this occurrence in the log. */
export function problemOf(error: LongshoreError, instance?: string): Problem {
  const { status, title } = ERROR_CODES[error.code];
  return {
    type: `/docs#error-${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(instance === undefined ? {} : { instance }),
    ...(error.fields === undefined ? {} : { fields: [...error.fields] }),
  };
}

/** The failure to keep with an operation. */
export function failureOf(error: LongshoreError): Failure {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
