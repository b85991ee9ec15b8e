import { LongshoreError } from '@longshore/contract';
import { isFinal, isLxdError, type LxdClient, type Operation, type OperationRef } from '@longshore/lxd';

/** How to wait for work on a host. */
export type HostWorkOptions = Readonly<{
  signal: AbortSignal;
  onProgress?: (operation: Operation) => void;
}>;

/**
 * Starts work on a host and waits for its end.
 *
 * @throws LongshoreError `host-failed` (tried again, after a look at the world) when the host lost it: its daemon was
 * restarted, or is shutting down. Else what the host says.
 */
export async function hostWork(
  client: LxdClient,
  start: Promise<OperationRef>,
  options: HostWorkOptions,
): Promise<Operation> {
  const ref = await start;
  try {
    return await client.operations.wait(ref, options);
  } catch (error) {
    if (isLxdError(error, 'not-found')) {
      throw new LongshoreError(
        'host-failed',
        'The host forgot what it was doing: its daemon was restarted.',
        {
          cause: error,
        },
      );
    }
    if (isLxdError(error, 'operation-cancelled') || isShutdown(error)) {
      throw new LongshoreError('host-failed', 'The host broke its work off: its daemon is stopping.', {
        cause: error,
      });
    }
    throw error;
  }
}

/** How LXD and Incus end their operations when their daemon stops. */
function isShutdown(error: unknown): boolean {
  return (
    isLxdError(error, 'operation-failed', 'server-error') &&
    /shutting down|context canceled|daemon is stopping/i.test(error.message)
  );
}

/** A host that is stuck must not keep a cancel, or the next run, waiting for ever. */
const SETTLE_TIMEOUT_MS = 5 * 60_000;

/**
 * Waits for work on an instance that its host is doing already: asked for by an earlier run of ours that was lost, or
 * by somebody else. How it ends is seen by the look that follows.
 *
 * @throws LxdError `timeout` after five minutes
 */
export async function settleHostWork(
  client: LxdClient,
  lxdProject: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const all = await client.operations.list({ project: lxdProject, signal });
  for (const operation of all.filter((each) => !isFinal(each) && concerns(each, name))) {
    try {
      await client.operations.wait(operation.id, {
        project: lxdProject,
        signal,
        timeoutMs: SETTLE_TIMEOUT_MS,
      });
    } catch (error) {
      if (!isLxdError(error, 'operation-failed', 'operation-cancelled', 'not-found')) throw error;
    }
  }
}

/** Whether a task (not a console or exec session, which ends when its person leaves) is about the instance. */
function concerns(operation: Operation, name: string): boolean {
  if (operation.class !== 'task') return false;
  const path = new RegExp(
    `^/1\\.0/(?:instances|containers|virtual-machines)/${literally(encodeURIComponent(name))}(?:[?]|$)`,
  );
  return Object.values(operation.resources ?? {}).some((urls) => urls?.some((url) => path.test(url)));
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
