import type { OperationAction } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import type { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import type { HostConnection } from '../hosts/host-connections.ts';

/** What an operation is about. `id` is null where the thing has no identifier (yet), such as a host to be enrolled. */
export type OperationTarget = Readonly<{
  kind: 'host' | 'instance' | 'image' | 'fleet';
  id: string | null;
  name: string;
}>;

/** What a handler answers: the operation's result, nothing, or that it wants to run again later. */
export type RunOutcome = Readonly<Record<string, unknown>> | AgainAfter | undefined;

/** Asks the engine to run the handler again; see {@link againAfter}. */
export class AgainAfter {
  readonly delayMs: number;
  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }
}

/** The handler has to wait for something long: frees its worker, and runs from the start again after `delayMs`. */
export function againAfter(delayMs: number): AgainAfter {
  return new AgainAfter(delayMs);
}

/**
 * How one action is done. `run` is level-based: it reads the world first, and may run again after a kill at any line.
 * A thrown LongshoreError ends the operation, unless its code may pass (`host-unreachable`, `host-failed`); an
 * LxdError is translated first.
 */
export type OperationHandler<Input> = Readonly<{
  action: OperationAction;
  input: z.ZodType<Input>;
  run(op: RunningOperation<Input>): Promise<RunOutcome>;
}>;

/** A handler as the engine knows it; made by {@link defineHandler}. */
export type AnyOperationHandler = Readonly<{
  action: OperationAction;
  run(op: RunningOperation<unknown>): Promise<RunOutcome>;
}>;

/** One run of an operation, as its handler sees it. Every write is fenced: a run that lost its job cannot write. */
export type RunningOperation<Input> = Readonly<{
  id: string;
  action: OperationAction;
  target: OperationTarget;
  hostId: string | null;
  parentId: string | null;
  input: Input;
  /** What was sealed at acceptance (trust token, password). */
  secrets: Readonly<Record<string, string>>;
  requestedBy: string;
  /** 1 for the first run. */
  attempt: number;
  /** What earlier runs and lines remembered. A live view: {@link remember} changes it. */
  memory: Readonly<Record<string, unknown>>;
  /** Adds to `memory`, persisted when it returns. Call it before acting on what is remembered. */
  remember(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Does `work` as a step that people see. A step of that name from an earlier run is entered again, not added. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Adds a remark to the step under way, such as why a choice was made. */
  note(message: string): void;
  /** Percent done, 0 to 100. Cheap: writes are throttled. */
  progress(percent: number): void;
  /** Fires when a person asked to cancel, and when {@link lifetime} fires. Pass it to what may be broken off. */
  signal: AbortSignal;
  /** Fires when this run must stop without cleaning up (its job was lost, the process stops): another run goes on. */
  lifetime: AbortSignal;
  /** Ends the run when a person asked to cancel. Call it where stopping is safe; past the last call it finishes. */
  throwIfCancelled(): void;
  /** Whether `error`, thrown now, would end the operation (false: the engine would try again). */
  givesUp(error: unknown): boolean;
  /** A transaction that fails when this run has lost its job. */
  transaction<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T>;
  /** Work for the transaction that ends the operation, whatever its outcome: `cause` is undefined on success. */
  atEnd(work: (trx: Transaction<Database>, cause: unknown) => Promise<void>): void;
  /** The host and its client. Throws `host-unreachable`, `host-quarantined` or `not-found`. */
  host(id: string): Promise<HostConnection>;
  context: FleetContext;
}>;

/** Makes a handler for the engine: parses the stored input with its schema before each run. */
export function defineHandler<Input>(handler: OperationHandler<Input>): AnyOperationHandler {
  return {
    action: handler.action,
    run: (op) => handler.run({ ...op, memory: op.memory, input: handler.input.parse(op.input) }),
  };
}
