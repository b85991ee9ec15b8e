/** Stable codes of everything that can go wrong with a testbed. */
export type TestbedErrorCode =
  | 'cannot-run'
  | 'missing-packages'
  | 'bad-argument'
  | 'in-use'
  | 'not-found'
  | 'no-free-subnet'
  | 'command-failed'
  | 'timed-out'
  | 'host-off'
  | 'daemon-died';

/** A failure of the testbed itself (not of what is tested on it). `message` says what failed, on what, and what to do. */
export class TestbedError extends Error {
  readonly code: TestbedErrorCode;

  constructor(code: TestbedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TestbedError';
    this.code = code;
  }
}
