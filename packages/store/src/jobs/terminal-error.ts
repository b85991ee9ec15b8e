/** Thrown by a job's handler: trying again cannot help. The job has failed for good. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
  /** A stable code for whoever shows the cause, where the thrower has one. */
  readonly code: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly code?: string }) {
    super(message, options);
    this.code = options?.code;
  }
}
