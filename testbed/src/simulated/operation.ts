import { randomUUID } from 'node:crypto';
import { ApiError } from './reply.ts';

/** An operation as LXD renders it (LXD rest-api: Operation). Exactly these fields go over the wire. */
export interface Operation {
  readonly id: string;
  readonly class: 'task' | 'websocket' | 'token';
  readonly description: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly status: 'Pending' | 'Running' | 'Success' | 'Failure' | 'Cancelled';
  readonly status_code: 105 | 103 | 200 | 400 | 401;
  readonly resources: Readonly<Record<string, readonly string[]>> | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly may_cancel: boolean;
  readonly err: string;
  readonly location: 'none';
}

interface Entry {
  operation: Operation;
  readonly project: string;
  errorStatus: number;
  finishedAtMs: number | null;
  waiters: Set<() => void>;
}

/** What a new operation does. `run` comes a moment later; what it throws as ApiError fails the operation. */
export interface NewOperation {
  readonly project: string;
  readonly description: string;
  readonly resources: Operation['resources'];
  readonly class?: Operation['class'];
  readonly metadata?: Operation['metadata'];
  readonly mayCancel?: boolean;
  /** Absent: stays Running until `finish` or `cancel` (tokens, websockets). May return the final metadata. */
  readonly run?: (progress: (metadata: Operation['metadata']) => void) => Operation['metadata'] | undefined;
}

/** How long a finished operation can still be asked for; LXD forgets it after five seconds. */
const keepFinishedMs = 5000;

export interface OperationDependencies {
  readonly now: () => number;
  /** How long the work of an operation takes, milliseconds. */
  readonly durationMs: number;
  readonly publish: (project: string, operation: Operation) => void;
}

/** The operations of one host: started, followed, waited for, cancelled, forgotten. */
export class OperationTable {
  readonly #entries = new Map<string, Entry>();
  readonly #dependencies: OperationDependencies;
  #closed = false;

  constructor(dependencies: OperationDependencies) {
    this.#dependencies = dependencies;
  }

  /** Registers an operation, tells of it as Pending and Running, and does its work after `durationMs`. */
  start(work: NewOperation): Operation {
    this.#forgetOld();
    const stamp = new Date(this.#dependencies.now()).toISOString();
    const operation: Operation = {
      id: randomUUID(),
      class: work.class ?? 'task',
      description: work.description,
      created_at: stamp,
      updated_at: stamp,
      status: 'Pending',
      status_code: 105,
      resources: work.resources,
      metadata: work.metadata ?? null,
      may_cancel: work.mayCancel ?? false,
      err: '',
      location: 'none',
    };
    const { project } = work;
    const entry: Entry = { operation, project, errorStatus: 0, finishedAtMs: null, waiters: new Set() };
    this.#entries.set(operation.id, entry);
    this.#dependencies.publish(project, operation);
    this.#change(entry, { status: 'Running', status_code: 103 });
    if (work.run) {
      const { run } = work;
      setTimeout(() => this.#work(entry, run), this.#dependencies.durationMs);
    }
    return entry.operation;
  }

  get(id: string): Operation {
    return this.#entry(id).operation;
  }

  /** Of one project, or of all when null. Tokens and finished ones (for a short while) included. */
  list(project: string | null): Operation[] {
    this.#forgetOld();
    return [...this.#entries.values()]
      .filter((entry) => project === null || entry.project === project)
      .map((entry) => entry.operation);
  }

  /** Ends a running operation that has no `run` of its own. Does nothing when it has ended already. */
  finish(id: string, end: { metadata?: Operation['metadata'] } | { error: ApiError }): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.finishedAtMs !== null) return;
    this.#end(entry, 'error' in end ? end.error : (end.metadata ?? entry.operation.metadata));
  }

  /** Cancels what may be cancelled: tokens and websockets nobody has opened. Throws 400 otherwise. */
  cancel(id: string): void {
    const entry = this.#entry(id);
    const waiting = entry.operation.class !== 'task' && entry.finishedAtMs === null;
    if (!waiting) throw new ApiError(400, "This operation can't be cancelled");
    entry.finishedAtMs = this.#dependencies.now();
    this.#change(entry, { status: 'Cancelled', status_code: 401 });
    this.#wake(entry);
  }

  /** Ends when the operation has, or after the time. `errorStatus` is LXD's HTTP code of a failure, 0 without. */
  async wait(id: string, timeoutMs: number | null): Promise<{ operation: Operation; errorStatus: number }> {
    const entry = this.#entry(id);
    if (entry.finishedAtMs === null && !this.#closed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      entry.waiters.add(resolve);
      const timer = timeoutMs === null ? undefined : setTimeout(resolve, timeoutMs);
      await promise;
      clearTimeout(timer);
      entry.waiters.delete(resolve);
    }
    return { operation: entry.operation, errorStatus: entry.errorStatus };
  }

  /** Lets everybody who waits go, and drops work that has not begun: what a power cut does. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) this.#wake(entry);
    this.#entries.clear();
  }

  #work(entry: Entry, run: NonNullable<NewOperation['run']>): void {
    if (this.#closed) return;
    const progress = (metadata: Operation['metadata']) => this.#change(entry, { metadata });
    try {
      this.#end(entry, run(progress) ?? entry.operation.metadata);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#end(entry, error);
    }
  }

  #end(entry: Entry, result: Operation['metadata'] | ApiError): void {
    entry.finishedAtMs = this.#dependencies.now();
    if (result instanceof ApiError) {
      entry.errorStatus = result.status;
      this.#change(entry, { status: 'Failure', status_code: 400, err: result.message });
    } else {
      this.#change(entry, { status: 'Success', status_code: 200, metadata: result });
    }
    this.#wake(entry);
  }

  #change(entry: Entry, change: Partial<Operation>): void {
    const updated =
      'metadata' in change ? { updated_at: new Date(this.#dependencies.now()).toISOString() } : {};
    entry.operation = { ...entry.operation, ...updated, ...change };
    this.#dependencies.publish(entry.project, entry.operation);
  }

  #wake(entry: Entry): void {
    for (const waiter of entry.waiters) waiter();
  }

  #entry(id: string): Entry {
    this.#forgetOld();
    const entry = this.#entries.get(id);
    if (!entry) throw new ApiError(404, 'Operation not found');
    return entry;
  }

  #forgetOld(): void {
    const limit = this.#dependencies.now() - keepFinishedMs;
    for (const [id, entry] of this.#entries) {
      if (entry.finishedAtMs !== null && entry.finishedAtMs < limit) this.#entries.delete(id);
    }
  }
}
