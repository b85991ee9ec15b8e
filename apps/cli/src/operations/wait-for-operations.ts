import type { Operation } from '@longshore/contract';
import { CliError } from '../cli-error.ts';
import type { WaitOptions } from '../options.ts';
import { say } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import type { Run } from '../run.ts';
import { progressText } from './describe-operation.ts';
import { watchOperation } from './watch-operation.ts';

/** An operation to wait for and what it does, in words. */
export type Waiting = Readonly<{ title: string; operation: Operation }>;

/**
 * Waits until all have ended and returns them in order, whatever they ended with. Shows progress: a live list on a
 * terminal, plain lines else, nothing with `--quiet`.
 * @throws CliError `timeout` or `interrupted`, which say how to go on; LongshoreError when the API cannot be asked
 */
export async function waitForOperations(
  run: Run,
  waiting: readonly Waiting[],
  options: Pick<WaitOptions, 'timeout'>,
): Promise<readonly Operation[]> {
  const limit = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout * 1000);
  const signal = limit === undefined ? run.signal : AbortSignal.any([run.signal, limit]);
  try {
    if (run.format === 'quiet') return await watchAll(run, waiting, signal, () => undefined);
    return run.io.stderr === process.stderr && process.stderr.isTTY
      ? await watchLive(run, waiting, signal)
      : await watchInLines(run, waiting, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw goesOn(waiting, run.signal.aborted ? 'interrupted' : 'timeout');
  }
}

function goesOn(waiting: readonly Waiting[], code: 'interrupted' | 'timeout'): CliError {
  const why = code === 'timeout' ? 'The time to wait has passed' : 'Stopped waiting';
  const one = waiting.length === 1;
  const ids = waiting.map(({ operation }) => operation.id);
  const what = one ? `operation ${ids[0]} goes on` : `${ids.length} operations go on: ${ids.join(' ')}`;
  return new CliError(code, `${why}; ${what}.`, {
    hint: `Follow with \`longshore operation follow ${one ? ids[0] : 'ID'}\`, or stop it with \`longshore operation cancel ${one ? ids[0] : 'ID'}\`.`,
  });
}

function watchAll(
  run: Run,
  waiting: readonly Waiting[],
  signal: AbortSignal,
  onProgress: (each: Waiting, operation: Operation) => void,
): Promise<readonly Operation[]> {
  return Promise.all(
    waiting.map((each) =>
      watchOperation(run, each.operation.id, signal, (operation) => onProgress(each, operation)),
    ),
  );
}

/** One line for each new step; how it ended is told by who waits. */
function watchInLines(run: Run, waiting: readonly Waiting[], signal: AbortSignal) {
  const last = new Map<string, string>();
  return watchAll(run, waiting, signal, ({ title }, operation) => {
    const text = operation.endedAt === null ? progressText(operation) : '';
    const key = text.replace(/(, )?\d+ %/, ''); // percent alone is not worth a line
    if (key === '' || last.get(operation.id) === key) return;
    last.set(operation.id, key);
    say(run, `${title}: ${text}`);
  });
}

/** A list with one moving line for each operation. */
async function watchLive(run: Run, waiting: readonly Waiting[], signal: AbortSignal) {
  // Loaded only where it shows something; results stay alone on standard output.
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const logger = new ListrLogger<never>({
    processOutput: new ProcessOutput(process.stderr, process.stderr, { leaveEmptyLine: false }),
  });
  const ended: Operation[] = [];
  const failures: unknown[] = [];
  const tasks = new Listr(
    waiting.map(({ title, operation }, at) => ({
      title: safeText(title),
      task: async (_context: unknown, task: { title: string; output: string }) => {
        try {
          const end = await watchOperation(run, operation.id, signal, (now) => {
            task.output = safeText(progressText(now));
          });
          ended[at] = end;
          task.title = safeText(`${title}${end.status === 'succeeded' ? '' : `: ${end.status}`}`);
          if (end.status !== 'succeeded') throw new Error(end.status);
        } catch (error) {
          if (ended[at] === undefined) failures.push(error);
          throw error;
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { logger, showErrorMessage: false, collapseErrors: false },
    },
  );
  await tasks.run();
  if (failures.length > 0) throw failures[0];
  return ended;
}
