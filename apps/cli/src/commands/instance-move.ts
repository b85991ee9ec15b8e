import type { InstanceMove } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { finishBulk } from '../operations/finish-bulk.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, type WaitOptions, wholeNumber } from '../options.ts';
import { openRun } from '../run.ts';
import { whereabouts } from './instance-create.ts';
import { addPlacementOptions, type PlacementOptions, placementOf } from './placement-options.ts';
import { addSelection, type SelectionOptions, selectInstances } from './selection.ts';

type Options = WaitOptions &
  SelectionOptions &
  PlacementOptions &
  Readonly<{ via?: string; force?: boolean; perHost?: number }>;

/** `move`: to another host. */
export function addInstanceMove(parent: Command, io: CliIo): Command {
  const command = parent
    .command('move')
    .alias('mv')
    .description('move instances to another host; a running one is stopped, carried over and started again');
  addSelection(command);
  addPlacementOptions(command);
  command
    .option('--via <way>', 'direct (host to host), relay (through Longshore) or auto', 'auto')
    .option('-f, --force', 'cut the power where the guest does not stop by itself')
    .option('--per-host <count>', 'of many, how many at once on one host (default: 2)', wholeNumber);
  addWaitOptions(command);
  addExamples(
    command,
    'longshore move web1 --host b',
    "longshore move --filter 'host:a' --host-label site=north --yes",
  );
  return command.action(async (names: string[], options: Options, self: Command) => {
    const run = openRun(io, self);
    const rows = await selectInstances(run, names, options, 'move');
    const move: InstanceMove = {
      placement: placementOf(options),
      via: wayOf(options.via),
      force: options.force === true,
    };
    const [only] = rows;
    if (rows.length > 1 || only === undefined) {
      await finishBulk(run, rows, { do: 'move', move }, 'move', options);
      return;
    }
    const { value } = await run.call('moveInstance', {
      params: { id: only.id },
      body: move,
      idempotencyKey: newKey(),
    });
    await finishChange(
      run,
      {
        operation: value.operation,
        title: `move ${only.name}`,
        handle: only.name,
        done: () => whereabouts(run, only.id),
      },
      options,
    );
  });
}

function wayOf(text: string | undefined): InstanceMove['via'] {
  if (text === undefined || text === 'auto' || text === 'direct' || text === 'relay') return text ?? 'auto';
  throw new CliError('usage', `There is no way "${text}".`, { hint: 'Use --via auto, direct or relay.' });
}
