import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, collect, labelOptions, type WaitOptions } from '../options.ts';
import { openRun } from '../run.ts';
import { addPlacementOptions, type PlacementOptions, placementOf } from './placement-options.ts';

type CopyOptions = WaitOptions &
  PlacementOptions &
  Readonly<{ snapshot?: string; label?: readonly string[]; start?: boolean }>;

/** `copy INSTANCE NAME`. */
export function addInstanceCopy(parent: Command, io: CliIo): Command {
  const command = parent
    .command('copy')
    .alias('cp')
    .argument('<instance>', 'what to copy')
    .argument('<name>', 'name of the copy')
    .description('copy an instance, on its host or to another');
  addPlacementOptions(command);
  command
    .option('--snapshot <name>', 'copy this snapshot instead of the present state')
    .option('-l, --label <key=value>', 'label of the copy; may be repeated', collect)
    .option('--start', 'start the copy');
  addWaitOptions(command);
  addExamples(command, 'longshore instance copy web1 web2 --host b --start');
  return command.action(async (source: string, name: string, options: CopyOptions, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, source);
    const { value } = await run.call('copyInstance', {
      params: { id },
      idempotencyKey: newKey(),
      body: {
        name,
        placement: placementOf(options),
        labels: labelOptions(options.label),
        start: options.start === true,
        ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
      },
    });
    const title = `copy ${source} to ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: name }, options);
  });
}

/** `rename INSTANCE NAME`. */
export function addInstanceRename(parent: Command, io: CliIo): Command {
  const command = parent
    .command('rename')
    .argument('<instance>', 'a stopped instance')
    .argument('<name>', 'its new name')
    .description('rename a stopped instance');
  addWaitOptions(command);
  return command.action(async (instance: string, name: string, options: WaitOptions, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, instance);
    const { value } = await run.call('renameInstance', {
      params: { id },
      body: { name },
      idempotencyKey: newKey(),
    });
    const title = `rename ${instance} to ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: name }, options);
  });
}
