import { createJobs, type Jobs, type JobsOptions } from '@longshore/store';
import { bulkHandler } from './bulk/bulk-handler.ts';
import { copyInstanceHandler } from './copies/copy-instance-handler.ts';
import { exportInstanceHandler } from './exports/export-instance.ts';
import { importInstanceHandler } from './exports/import-instance-handler.ts';
import type { FleetContext } from './fleet-context.ts';
import { GUEST_KEYS_JOB, startDispatch } from './guest-keys/dispatch-changes.ts';
import { guestKeysJob, wakeGuestsOf } from './guest-keys/guest-keys-job.ts';
import { hostKeyHandlers } from './host-keys/change-host-keys.ts';
import { hostHandlers } from './hosts/host-handlers.ts';
import { copyImageHandler } from './images/copy-image.ts';
import { removeImageHandler } from './images/remove-image.ts';
import { instanceHandlers } from './instances/instance-handlers.ts';
import { moveInstanceHandler } from './moves/move-instance-handler.ts';
import { OPERATION_JOB } from './operations/accept.ts';
import type { AnyOperationHandler } from './operations/handler.ts';
import { createOperationsEngine } from './operations/operations-engine.ts';
import { wakeHost } from './operations/wake-host.ts';
import { startSweeps } from './start-sweeps.ts';
import type { SessionTiming } from './sync/session-timing.ts';
import { createHostSync } from './sync/sync-hosts.ts';
import type { SyncMetrics } from './sync/sync-metrics.ts';

/** The running part of the fleet in one process: sync sessions, and the loop that does operations. */
export type Fleet = {
  readonly handlers: readonly AnyOperationHandler[];
  start(): Promise<void>;
  /** Lets what runs end or hands it on, then ends all connections to hosts. Twice is harmless. */
  stop(): Promise<void>;
  syncMetrics(): SyncMetrics;
};

export type FleetOptions = {
  /** Operations at once in this process. Most of their time is waiting for hosts. Default 128. */
  readonly concurrency?: number;
  /** Whether this process keeps sessions with hosts, does operations, or both. Default both. */
  readonly roles?: { readonly sync: boolean; readonly operations: boolean };
  /** How long ended operations are kept, in days. Default 30. */
  readonly keepOperationsDays?: number;
  /** For tests: shorter times. */
  readonly sessionTiming?: Partial<SessionTiming>;
  readonly jobTiming?: JobsOptions['timing'];
  readonly leaseMs?: number;
};

/**
 * Enough that several hosts which answer nothing (until their calls run out of time) leave room for the others: a host
 * takes 26 at most (operations/lanes.ts). One that waits costs some kilobytes and no database connection.
 */
const CONCURRENCY = 128;

/** Puts the fleet's handlers, job loop and sync together. Nothing runs before `start()`. */
export function createFleet(context: FleetContext, options: FleetOptions = {}): Fleet {
  const handlers: readonly AnyOperationHandler[] = [
    ...hostHandlers,
    ...instanceHandlers,
    ...hostKeyHandlers,
    moveInstanceHandler,
    copyInstanceHandler,
    exportInstanceHandler,
    importInstanceHandler,
    copyImageHandler,
    removeImageHandler,
    bulkHandler,
  ];
  const roles = options.roles ?? { sync: true, operations: true };
  const engine = createOperationsEngine(context, handlers, {
    ...(options.keepOperationsDays === undefined ? {} : { keepDays: options.keepOperationsDays }),
  });
  const jobs: Jobs = createJobs(context.store, {
    handlers: { [OPERATION_JOB]: engine.job, [GUEST_KEYS_JOB]: guestKeysJob(context) },
    concurrency: options.concurrency ?? CONCURRENCY,
    workerId: context.workerId,
    log: context.log,
    ...(options.jobTiming === undefined ? {} : { timing: options.jobTiming }),
  });
  const sync = createHostSync(context, {
    onOnline: async (hostId) => {
      await wakeHost(context, hostId);
      await wakeGuestsOf(context, hostId);
    },
    timing: options.sessionTiming,
    leaseMs: options.leaseMs,
  });
  let stopped: Promise<void> | undefined;
  let sweeps: { stop(): Promise<void> } | undefined;
  let dispatch: { stop(): Promise<void> } | undefined;

  const stop = async (): Promise<void> => {
    // Operations first: they use the event streams of the sessions to learn that their work is done.
    if (roles.operations) {
      await sweeps?.stop();
      await dispatch?.stop();
      await jobs.stop();
      engine.stop();
    }
    if (roles.sync) await sync.stop();
    await context.connections.close();
  };

  return {
    handlers,
    async start() {
      await context.installation();
      if (roles.sync) await sync.start();
      if (roles.operations) {
        await engine.start();
        await jobs.start();
        sweeps = startSweeps(context);
        dispatch = await startDispatch(context);
      }
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
    syncMetrics: () => sync.metrics(),
  };
}
