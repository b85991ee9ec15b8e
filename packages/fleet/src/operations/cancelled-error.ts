import { LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';

/** Why the signal of a cancelled run fires, and what `throwIfCancelled` throws. */
export function cancelledError(): LongshoreError {
  return new LongshoreError('cancelled', 'The operation was cancelled.');
}

/** Whether a cancel ended the run: the cancel itself, or a call that it broke off. */
export function isCancel(error: unknown, cancel: AbortSignal): boolean {
  if (error instanceof LongshoreError) return error.code === 'cancelled';
  if (!cancel.aborted) return false;
  return isLxdError(error, 'aborted') || (error instanceof Error && error.name === 'AbortError');
}
