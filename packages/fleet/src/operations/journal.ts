import { OperationStep } from '@longshore/contract';
import { z } from 'zod';

/** The steps and the progress of one run, kept in memory and written now and then. */
export interface Journal {
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  note(message: string): void;
  progress(percent: number): void;
  /** As they are now, for the transaction that ends the run. */
  state(): JournalState;
  /** Writes no more; returns when a write under way has ended. */
  close(): Promise<void>;
}

/** What is written of a journal. */
export type JournalState = Readonly<{ steps: readonly OperationStep[]; progress: number | null }>;

/**
 * The first write waits this long, so that an operation of two quick steps is written once, at its end; then writes
 * keep this distance. People see steps as they happen, and a progress of a thousand events costs four writes a second.
 */
const WRITE_EVERY_MS = 250;

/**
 * Starts the journal of a run from what earlier runs wrote.
 *
 * @param write stores the state; its errors go to `onWriteFailed`, and the next state is written again
 */
export function createJournal(options: {
  readonly steps: unknown;
  readonly progress: number | null;
  readonly clock: () => Date;
  readonly explain: (error: unknown) => string;
  readonly write: (state: JournalState) => Promise<void>;
  readonly onWriteFailed: (error: unknown) => void;
}): Journal {
  const { clock } = options;
  let steps = z.array(OperationStep).parse(options.steps);
  let progress = options.progress;
  let current: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let dirty = false;
  let closed = false;

  const state = (): JournalState => ({ steps, progress });

  const flush = async (): Promise<void> => {
    timer = undefined;
    dirty = false;
    try {
      await options.write(state());
    } catch (error) {
      options.onWriteFailed(error);
    } finally {
      writing = undefined;
      if (dirty) schedule();
    }
  };

  const schedule = (): void => {
    dirty = true;
    if (closed || timer !== undefined || writing !== undefined) return;
    timer = setTimeout(() => {
      writing = flush();
    }, WRITE_EVERY_MS);
  };

  const put = (step: OperationStep): void => {
    const known = steps.some(({ name }) => name === step.name);
    steps = known ? steps.map((each) => (each.name === step.name ? step : each)) : [...steps, step];
    schedule();
  };

  const change = (name: string, patch: Partial<OperationStep>): void => {
    const step = steps.find((each) => each.name === name);
    if (step !== undefined) put({ ...step, ...patch });
  };

  return {
    async step(name, work) {
      const outer = current;
      current = name;
      put({ name, status: 'running', startedAt: clock().toISOString(), endedAt: null });
      try {
        const result = await work();
        change(name, { status: 'done', endedAt: clock().toISOString() });
        return result;
      } catch (error) {
        change(name, { status: 'failed', endedAt: clock().toISOString(), message: options.explain(error) });
        throw error;
      } finally {
        current = outer;
      }
    },
    note(message) {
      if (current !== undefined) change(current, { message });
    },
    progress(percent) {
      progress = Math.min(100, Math.max(0, percent));
      schedule();
    },
    state,
    async close() {
      closed = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
