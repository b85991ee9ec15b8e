import type { Operation } from '@longshore/contract';
import { OperationFailed } from '../cli-error.ts';
import type { WaitOptions } from '../options.ts';
import { printDocument, say, write } from '../output/print.ts';
import type { Run } from '../run.ts';
import { waitForOperations } from './wait-for-operations.ts';

/** A change that the server has accepted. */
export type Change = Readonly<{
  operation: Operation;
  /** What it does, in words: `start web1`. */
  title: string;
  /** What `--quiet` prints when it is done; nothing by default. */
  handle?: string;
  /** What to say to people when it is done; by default that it is. */
  done?: (ended: Operation) => Promise<string>;
}>;

/**
 * Waits for an accepted change unless the person does not want to, and prints the outcome: the operation as JSON or
 * YAML, or a line for people. Returns the ended operation, or the accepted one with `--no-wait`.
 * @throws OperationFailed when it ended without success
 */
export async function finishChange(run: Run, change: Change, options: WaitOptions): Promise<Operation> {
  const { operation, title } = change;
  if (!options.wait) {
    if (run.format === 'quiet') write(run, `${operation.id}\n`);
    else if (run.format === 'table')
      write(
        run,
        `accepted as operation ${operation.id}; follow it with \`longshore operation follow ${operation.id}\`\n`,
      );
    else await printDocument(run, operation);
    return operation;
  }
  const [ended = operation] = await waitForOperations(run, [{ title, operation }], options);
  throwUnlessSucceeded(ended);
  if (run.format === 'quiet') {
    if (change.handle !== undefined) write(run, `${change.handle}\n`);
  } else if (run.format === 'table') {
    say(run, `${title}: ${change.done === undefined ? 'done' : await change.done(ended)}`);
  } else {
    await printDocument(run, ended);
  }
  return ended;
}

/** @throws OperationFailed when an operation has ended without success */
export function throwUnlessSucceeded(operation: Operation): void {
  if (operation.status === 'succeeded') return;
  throw new OperationFailed(
    operation.id,
    operation.failure ?? { code: 'cancelled', message: 'The operation was cancelled.' },
  );
}
