import { type ErrorCode, LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdErrorCode } from '@longshore/lxd';

/** What a failed call to a host means to the fleet. Full, so that a new code of the client does not compile until it is here. */
const CODES: Readonly<Record<LxdErrorCode, ErrorCode>> = {
  unreachable: 'host-unreachable',
  timeout: 'host-unreachable',
  aborted: 'cancelled',
  'fingerprint-mismatch': 'host-quarantined',
  forbidden: 'trust-missing',
  'not-found': 'not-found',
  conflict: 'conflict',
  'precondition-failed': 'precondition-failed',
  'bad-request': 'host-refused',
  'server-error': 'host-failed',
  'not-lxd': 'not-an-lxd-server',
  'bad-reply': 'host-failed',
  'too-large': 'host-failed',
  'operation-failed': 'host-refused',
  'operation-cancelled': 'host-refused',
};

/**
 * The fleet's error for whatever a call to a host threw. An LxdError keeps its words and hint and gets the code of the
 * table above; a LongshoreError passes; anything else is our own fault: `internal`.
 */
export function translateLxdError(error: unknown, hostName: string): LongshoreError {
  if (error instanceof LongshoreError) return error;
  if (isLxdError(error)) {
    return new LongshoreError(CODES[error.code], `Host ${hostName}: ${error.message} (${error.target}).`, {
      hint: error.hint,
      cause: error,
    });
  }
  return new LongshoreError('internal', `A call to host ${hostName} failed inside Longshore.`, {
    hint: 'This is a fault of Longshore; the log has its cause.',
    cause: error,
  });
}
