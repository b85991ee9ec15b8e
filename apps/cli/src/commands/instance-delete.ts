import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { finishBulk } from '../operations/finish-bulk.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, type WaitOptions, wholeNumber } from '../options.ts';
import { openRun } from '../run.ts';
import { addSelection, type SelectionOptions, selectInstances } from './selection.ts';

type Options = WaitOptions & SelectionOptions & Readonly<{ force?: boolean; perHost?: number }>;

/** `delete`: instances with their disks and snapshots. */
export function addInstanceDelete(parent: Command, io: CliIo): Command {
  const command = parent
    .command('delete')
    .description('delete instances with their disks and snapshots; a missing one is forgotten');
  addSelection(command);
  command
    .option('-f, --force', 'also running ones')
    .option('--per-host <count>', 'of many, how many at once on one host (default: 2)', wholeNumber);
  addWaitOptions(command);
  addExamples(command, 'longshore delete web1', "longshore delete --filter 'status:stopped label:env=test'");
  return command.action(async (names: string[], options: Options, self: Command) => {
    const run = openRun(io, self);
    const rows = await selectInstances(run, names, options, 'delete');
    const force = options.force === true;
    const [only] = rows;
    if (rows.length > 1 || only === undefined) {
      await finishBulk(run, rows, { do: 'delete', force }, 'delete', options);
      return;
    }
    const { value } = await run.call('deleteInstance', {
      params: { id: only.id },
      query: { force: String(force) },
      idempotencyKey: newKey(),
    });
    await finishChange(
      run,
      { operation: value.operation, title: `delete ${only.name}`, handle: only.name },
      options,
    );
  });
}
