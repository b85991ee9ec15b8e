import type { ErrorCode, OperationAction } from '@longshore/contract';

/**
 * Pauses after the first, second, … run that failed with what may pass; in milliseconds. Together a quarter of an
 * hour: long enough for a host to be rebooted. A host that comes back earlier wakes its operations at once.
 */
const UNREACHABLE_DELAYS_MS = [1, 2, 5, 10, 20, 40, 60, 120, 240, 400].map((seconds) => seconds * 1000);

/**
 * The host answers that it failed (status 500, or it lost the work in a restart). LXD says so of much that will never
 * work, too, and a person may be waiting: a good minute, which a restarting daemon does not need.
 */
const FAILED_DELAYS_MS = [1, 2, 5, 10, 20, 40].map((seconds) => seconds * 1000);

/**
 * A failure of our own (the database restarting, a defect): a few tries, so that a short fault passes, and not more,
 * so that a defect shows.
 */
const INTERNAL_DELAYS_MS = [1000, 2000, 5000];

/** A person is there and waits for the answer, which is that the host does not answer. */
const AT_ONCE: ReadonlySet<string> = new Set<OperationAction>([
  'host.probe',
  'host.enrol',
  'host.re-pin',
  'host.remove',
  'host.sync',
]);

/** How long to wait before the next run, in milliseconds; undefined: the failure is final. */
export function retryDelayMs(code: ErrorCode, failuresBefore: number, action: string): number | undefined {
  switch (code) {
    case 'host-unreachable':
      return AT_ONCE.has(action) ? undefined : UNREACHABLE_DELAYS_MS[failuresBefore];
    case 'host-failed':
      return AT_ONCE.has(action) ? undefined : FAILED_DELAYS_MS[failuresBefore];
    case 'internal':
    case 'unavailable':
      return INTERNAL_DELAYS_MS[failuresBefore];
    default:
      return undefined;
  }
}
