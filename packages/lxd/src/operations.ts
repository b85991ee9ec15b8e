import {
  isFinal,
  type Operation,
  type OperationRef,
  operationListSchema,
  operationSchema,
} from './api/operation.ts';
import { apiPath, projectQuery } from './api-path.ts';
import type { CallOptions, ListOptions } from './call-options.ts';
import { raceSignal, startDeadline } from './deadline.ts';
import type { EventStream } from './event-stream.ts';
import { isLxdError, LxdError } from './lxd-error.ts';
import type { Request, Transport } from './transport.ts';

/** How to wait for an operation. `timeoutMs` 0 (the default here) waits as long as it takes. */
export type WaitOptions = CallOptions & {
  /** Called with each state seen that differs from the one before. */
  readonly onProgress?: ((operation: Operation) => void) | undefined;
  /** Project of the operation, where a live event stream covers only one. */
  readonly project?: string | undefined;
};

/** Background operations of the server. */
export type Operations = {
  /** All operations the server remembers: those under way, and those that ended within about five seconds. */
  list(options?: ListOptions): Promise<readonly Operation[]>;
  get(id: string, options?: CallOptions): Promise<Operation>;
  /** Asks the server to cancel. Throws `bad-request` where it cannot be cancelled. */
  cancel(id: string, options?: CallOptions): Promise<void>;
  /**
   * Waits for the end: by the event stream while one is open, else by asking. Throws `operation-failed` with the
   * server's cause, `operation-cancelled`, `not-found` when the server forgot it (it ended a while ago, or the server
   * was restarted: look at the object itself), and what any call throws. A lost connection is thrown, not waited out.
   */
  wait(operation: string | OperationRef, options?: WaitOptions): Promise<Operation>;
};

// One question to /wait holds a connection; short enough to notice an aborted caller's server-side leftovers soon.
const POLL_SECONDS = 10;
// An event may be lost between server and us (LXD drops events of slow readers): look again this often.
const RECHECK_MS = 10_000;

export function createOperations(transport: Transport, streams: ReadonlySet<EventStream>): Operations {
  const get = (id: string, options: CallOptions = {}): Promise<Operation> =>
    transport.get({ path: apiPath`/1.0/operations/${id}` }, operationSchema, options);

  /** Asks once and lets the server hold the answer back until the operation ends, for at most POLL_SECONDS. */
  async function poll(id: string, options: CallOptions): Promise<Operation> {
    try {
      const path = apiPath`/1.0/operations/${id}/wait`;
      const slack = transport.timeoutMs === 0 ? 0 : transport.timeoutMs + POLL_SECONDS * 1000;
      return await transport.get({ path, query: { timeout: POLL_SECONDS } }, operationSchema, {
        ...options,
        timeoutMs: slack,
      });
    } catch (error) {
      // Where LXD answers 200 with the operation as it is, Incus answers with an error: `context deadline exceeded` while
      // it runs, the operation's own cause once it failed.
      if (!isLxdError(error, 'bad-request', 'server-error', 'conflict')) throw error;
      const operation = await get(id, options);
      if (!isFinal(operation) && !/context deadline exceeded/i.test(error.message)) throw error;
      return operation;
    }
  }

  /** Waits on `stream` until it tells of the operation, breaks, or RECHECK_MS pass. */
  async function nextFromStream(
    stream: EventStream,
    heard: { latest: Operation | undefined; wake: (() => void) | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    if (heard.latest || stream.state !== 'open') return;
    let timer: NodeJS.Timeout | undefined;
    const news = new Promise<void>((resolve) => {
      heard.wake = resolve;
      timer = setTimeout(resolve, RECHECK_MS);
    });
    try {
      await raceSignal(news, signal);
    } finally {
      clearTimeout(timer);
      heard.wake = undefined;
    }
  }

  async function waitOn(
    stream: EventStream,
    id: string,
    seen: (operation: Operation) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const heard: { latest: Operation | undefined; wake: (() => void) | undefined } = {
      latest: undefined,
      wake: undefined,
    };
    const stop = stream.listen((event) => {
      if (event?.type === 'operation' && event.metadata.id === id) heard.latest = event.metadata;
      else if (event) return;
      heard.wake?.();
    });
    try {
      if (seen(await get(id, { signal }))) return;
      while (stream.state === 'open') {
        await nextFromStream(stream, heard, signal);
        const operation = heard.latest ?? (stream.state === 'open' ? await get(id, { signal }) : undefined);
        heard.latest = undefined;
        if (operation && seen(operation)) return;
      }
    } finally {
      stop();
    }
  }

  async function wait(operation: string | OperationRef, options: WaitOptions = {}): Promise<Operation> {
    const id = typeof operation === 'string' ? operation : operation.id;
    const project = options.project ?? (typeof operation === 'string' ? 'default' : operation.project);
    const target = `${transport.label} operation ${id}`;
    const deadline = startDeadline({ signal: options.signal, timeoutMs: options.timeoutMs ?? 0 }, target);
    let last: Operation | undefined;
    const seen = (state: Operation): boolean => {
      if (state.updated_at !== last?.updated_at || state.status_code !== last.status_code)
        options.onProgress?.(state);
      last = state;
      return isFinal(state);
    };
    try {
      if (typeof operation !== 'string' && seen(operation.operation))
        return settled(operation.operation, target);
      for (;;) {
        const stream = [...streams].find((s) => s.covers('operation', project));
        if (stream) await waitOn(stream, id, seen, deadline.signal);
        else seen(await poll(id, { signal: deadline.signal }));
        if (last && isFinal(last)) return settled(last, target);
      }
    } catch (error) {
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      deadline.end();
    }
  }

  return {
    get,
    wait,
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/operations', query: { recursion: 1, ...projectQuery(options) } },
        operationListSchema,
        options,
      ),
    cancel: async (id, options = {}) => {
      await transport.change({ method: 'DELETE', path: apiPath`/1.0/operations/${id}` }, options);
    },
  };
}

/** Returns a successful operation; throws for one that ended otherwise. */
function settled(operation: Operation, target: string): Operation {
  if (operation.status_code === 200) return operation;
  const cancelled = operation.status_code === 401;
  throw new LxdError({
    code: cancelled ? 'operation-cancelled' : 'operation-failed',
    message: operation.err || operation.status,
    target: operation.description ? `${target} (${operation.description})` : target,
  });
}

/**
 * Makes a change that some servers finish at once and newer ones do in the background, and returns when it is done.
 */
export async function changeAndWait(
  transport: Transport,
  operations: Operations,
  request: Request,
  options: CallOptions & { readonly project?: string | undefined },
): Promise<void> {
  const started = await transport.change(request, options);
  if (started) {
    await operations.wait(started, { timeoutMs: transport.timeoutMs, ...options });
  }
}
