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
 * @throws LongshoreError `host-failed` (tried again, after a look at the world) for what passes: the host lost the
 * work as its daemon was restarted or is stopping, or it is busy with the instance. Else what the host says.
 */
export async function hostWork(
  client: LxdClient,
  start: Promise<OperationRef>,
  options: HostWorkOptions,
): Promise<Operation> {
  let ref: OperationRef | undefined;
  try {
    ref = await start;
    return await client.operations.wait(ref, options);
  } catch (error) {
    const passing = passingTrouble(error, ref !== undefined);
    if (passing === undefined) throw error;
    throw new LongshoreError('host-failed', passing, { hint: 'It is tried again by itself.', cause: error });
  }
}

/** What will pass by itself although the host says it as if it would not; undefined for everything else. */
function passingTrouble(error: unknown, started: boolean): string | undefined {
  if (!isLxdError(error)) return undefined;
  if (started && error.code === 'not-found')
    return 'The host forgot what it was doing: its daemon was restarted.';
  const text = error.message;
  if (error.code === 'operation-cancelled' || SHUTDOWN.test(text)) {
    return `The host broke its work off: its daemon is stopping (${text}).`;
  }
  return BUSY.test(text) ? `The host is busy with the instance (${text}).` : undefined;
}

/** How LXD and Incus end their work when their daemon stops. */
const SHUTDOWN = /\b(?:LXD|Incus|daemon|server) is (?:shutting down|stopping)|context canceled/i;
/** `Instance is busy running a "stop" operation`: asked for on the host, or the rest of a stop that ran out of time. */
const BUSY = /\bis busy running\b/i;

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
