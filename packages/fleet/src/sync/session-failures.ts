import { type HostWarning, LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import { StoreError } from '@longshore/store';

/** A failure that says something of the host, and not of us. */
export function isOfHost(error: unknown): error is Error {
  return isLxdError(error) || error instanceof LongshoreError;
}

/** Another process has the host, or it is no longer in the fleet. */
export function isGone(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'lease_lost' || error.code === 'store_closed';
  return error instanceof LongshoreError && error.code === 'not-found';
}

/** A failure of one instance that says nothing of its host. */
export function isIsolated(error: unknown): boolean {
  if (isLxdError(error))
    return isLxdError(error, 'bad-reply', 'too-large', 'server-error', 'bad-request', 'forbidden');
  return error instanceof Error && error.name === 'UnusableInstance';
}

/** The warning for instances that a full read had to leave out, one line for each. */
export function unreadable(problems: readonly string[]): HostWarning[] {
  const [first] = problems;
  if (first === undefined) return [];
  return [
    {
      code: 'instances-unreadable',
      severity: 'warning',
      message: `${problems.length} instance(s) of the host cannot be read; the first: ${first.slice(0, 300)}`,
      hint: 'Look at them on the host itself; their last observed state is kept meanwhile.',
    },
  ];
}
