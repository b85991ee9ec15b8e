import { randomUUID } from 'node:crypto';
import type { OperationAction } from '@longshore/contract';
import type { LxdClient } from '@longshore/lxd';
import type { FleetContext } from '../fleet-context.ts';
import { cancelledError } from '../operations/cancelled-error.ts';
import { AgainAfter, type RunningOperation, type RunOutcome } from '../operations/handler.ts';

/** What a killed run throws; no handler may take it for a failure. */
export class Killed extends Error {}

/** An operation whose runs can be killed at any act: a call to a host, something remembered, a transaction. */
export type BrokenOperation = {
  readonly id: string;
  /** Acts of the run before, with their names: the last one is where it was killed. */
  readonly acts: readonly string[];
  /** One run to its end, or killed right after the act of number `kill`; a cancel is asked for in act `cancelAt`. */
  run(handler: Run, how?: { readonly kill?: number; readonly cancelAt?: number }): Promise<RunOutcome>;
};

type Run = { run(op: RunningOperation<unknown>): Promise<RunOutcome> };

/**
 * Makes an operation without the engine. Its memory outlives its runs, as in the database.
 *
 * @param giveUp whether an error ends the operation; default: all do
 */
export function breakableOperation(
  context: FleetContext,
  options: {
    readonly action: OperationAction;
    readonly target: RunningOperation<unknown>['target'];
    readonly input: unknown;
    readonly id?: string;
    readonly giveUp?: (error: unknown) => boolean;
  },
): BrokenOperation {
  const id = options.id ?? randomUUID();
  const memory: Record<string, unknown> = {};
  const acts: string[] = [];
  return {
    id,
    acts,
    async run(handler, { kill, cancelAt } = {}) {
      acts.length = 0;
      const lifetime = new AbortController();
      const cancel = new AbortController();
      const act = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        if (lifetime.signal.aborted) throw new Killed();
        acts.push(name);
        const number = acts.length;
        if (number === cancelAt) cancel.abort(cancelledError());
        if (number !== kill) return work();
        await Promise.allSettled([work()]);
        lifetime.abort(new Killed());
        throw new Killed();
      };
      const op: RunningOperation<unknown> = {
        id,
        action: options.action,
        target: options.target,
        hostId: null,
        parentId: null,
        input: options.input,
        secrets: {},
        requestedBy: 'test',
        attempt: 2,
        memory,
        remember: (patch) =>
          act(`remember ${JSON.stringify(patch).slice(0, 40)}`, async () => {
            Object.assign(memory, JSON.parse(JSON.stringify(patch)));
          }),
        step: (_name, work) => work(),
        note: () => undefined,
        progress: () => undefined,
        signal: AbortSignal.any([cancel.signal, lifetime.signal]),
        lifetime: lifetime.signal,
        throwIfCancelled: () => {
          if (cancel.signal.aborted) throw cancelledError();
        },
        givesUp: (error) => !(error instanceof Killed) && (options.giveUp?.(error) ?? true),
        transaction: (work) => act('transaction', () => context.store.transaction(work)),
        atEnd: () => undefined,
        host: async (hostId) => {
          const { host, client } = await context.connections.client(hostId);
          return { host, client: watched(client, `${host.name}`, act) };
        },
        context,
      };
      return handler.run(op);
    },
  };
}

/** Runs until the end, however often the handler wants to pause. */
export async function runToEnd(operation: BrokenOperation, handler: Run): Promise<RunOutcome> {
  for (;;) {
    const outcome = await operation.run(handler);
    if (!(outcome instanceof AgainAfter)) return outcome;
  }
}

/** A client whose every call is an act. */
function watched(
  client: LxdClient,
  name: string,
  act: <T>(name: string, work: () => Promise<T>) => Promise<T>,
): LxdClient {
  const wrap = <T extends object>(object: T, path: string): T =>
    new Proxy(object, {
      get(target, key, receiver) {
        const value: unknown = Reflect.get(target, key, receiver);
        const label = `${path}.${String(key)}`;
        if (typeof value === 'function') {
          return (...args: unknown[]) => act(label, async () => await Reflect.apply(value, target, args));
        }
        return typeof value === 'object' && value !== null ? wrap(value, label) : value;
      },
    });
  return wrap(client, name);
}
