import { LxdError } from './lxd-error.ts';

/**
 * A deadline joined with the caller's signal. As an idle limit it is begun anew by `restart` and held still by `pause`
 * while the caller, not the server, is the slow one. `end` must be called.
 */
export type Deadline = {
  readonly signal: AbortSignal;
  restart(): void;
  pause(): void;
  end(): void;
};

/**
 * Starts a deadline of `timeoutMs` (0 = none) for `target`. Its signal's reason is always an LxdError:
 * `timeout` when time ran out, `aborted` when the caller's signal fired.
 * Not AbortSignal.any: that one keeps a reference in a long-lived caller's signal for every call made.
 */
export function startDeadline(
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
  target: string,
): Deadline {
  const controller = new AbortController();
  const { signal, timeoutMs } = options;
  const onAbort = (): void => {
    controller.abort(
      new LxdError({ code: 'aborted', message: 'cancelled by the caller', target, cause: signal?.reason }),
    );
  };
  const onTime = (): void => {
    controller.abort(new LxdError({ code: 'timeout', message: `no answer within ${timeoutMs} ms`, target }));
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const restart = (): void => {
    clearTimeout(timer);
    if (timeoutMs > 0 && !ended && !controller.signal.aborted) timer = setTimeout(onTime, timeoutMs);
  };
  restart();
  return {
    signal: controller.signal,
    restart,
    pause() {
      clearTimeout(timer);
    },
    end() {
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** Rejects with the signal's reason once it fires; otherwise settles as `promise` does. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // The loser's rejection is reported by the winner: the signal's reason.
    promise.catch(() => undefined);
    throw signal.reason;
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
