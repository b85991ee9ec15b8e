import type { OperationStatus } from '@longshore/contract';

/**
 * What can happen to an operation:
 * - `begin`: a worker starts a run (also after another worker was lost)
 * - `retry`: a run failed with what may pass, and another one is due
 * - `succeed`, `fail`: a run ended for good; `stop`: a run ended because of the cancel
 * - `withdraw`: cancelled before its first run; `cancel`: a person asked to stop, once something may have been done
 */
export type OperationEvent = 'begin' | 'retry' | 'succeed' | 'fail' | 'stop' | 'withdraw' | 'cancel';

/** Every state and event; null: it cannot happen, and nothing changes. The prose is docs/spec/operations.md. */
export const TRANSITIONS: Readonly<
  Record<OperationStatus, Readonly<Record<OperationEvent, OperationStatus | null>>>
> = {
  queued: {
    begin: 'running',
    retry: null,
    succeed: null,
    fail: null,
    stop: null,
    withdraw: 'cancelled',
    cancel: 'cancelling',
  },
  running: {
    begin: 'running',
    retry: 'queued',
    succeed: 'succeeded',
    fail: 'failed',
    stop: null,
    withdraw: null,
    cancel: 'cancelling',
  },
  cancelling: {
    begin: 'cancelling',
    retry: 'cancelling',
    succeed: 'succeeded',
    fail: 'failed',
    stop: 'cancelled',
    withdraw: null,
    cancel: 'cancelling',
  },
  succeeded: noMore(),
  failed: noMore(),
  cancelled: noMore(),
};

function noMore(): Readonly<Record<OperationEvent, null>> {
  return { begin: null, retry: null, succeed: null, fail: null, stop: null, withdraw: null, cancel: null };
}
