import type { PowerAction } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { finishBulk } from '../operations/finish-bulk.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, type WaitOptions, wholeNumber } from '../options.ts';
import { openRun } from '../run.ts';
import { addSelection, type SelectionOptions, selectInstances } from './selection.ts';

/** The verbs of {@link PowerAction}. */
export type PowerVerb = PowerAction['action'];

const SUMMARY: Readonly<Record<PowerVerb, string>> = {
  start: 'start instances',
  stop: 'stop instances; the guest ends by itself unless --force',
  restart: 'restart instances',
  freeze: 'freeze instances: they stay in memory and do not run',
  unfreeze: 'let frozen instances run on',
};

type Options = WaitOptions &
  SelectionOptions &
  Readonly<{ force?: boolean; grace?: number; perHost?: number }>;

/** `start`, `stop`, `restart`, `freeze` and `unfreeze`, of one or many instances. */
export function addInstancePower(parent: Command, io: CliIo, verb: PowerVerb): Command {
  const command = parent.command(verb).description(SUMMARY[verb]);
  addSelection(command);
  if (verb === 'stop' || verb === 'restart') {
    command
      .option('-f, --force', 'cut the power')
      .option('--grace <seconds>', 'how long the guest may take to end (default: 60)', wholeNumber);
  }
  command.option('--per-host <count>', 'of many, how many at once on one host (default: 2)', wholeNumber);
  addWaitOptions(command);
  const path = verb === 'freeze' || verb === 'unfreeze' ? `instance ${verb}` : verb;
  addExamples(
    command,
    `longshore ${path} web1`,
    `longshore ${path} a/web1 b/web1 --yes`,
    `longshore ${path} --filter 'label:env=test host:a'`,
  );
  return command.action(async (names: string[], options: Options, self: Command) => {
    const run = openRun(io, self);
    const rows = await selectInstances(run, names, options, verb);
    const power = {
      action: verb,
      ...(options.force === undefined ? {} : { force: options.force }),
      ...(options.grace === undefined ? {} : { timeoutSeconds: options.grace }),
    };
    const [only] = rows;
    if (rows.length > 1 || only === undefined) {
      await finishBulk(
        run,
        rows,
        { do: 'power', power: { force: false, timeoutSeconds: 60, ...power } },
        verb,
        options,
      );
      return;
    }
    const { value } = await run.call('powerInstance', {
      params: { id: only.id },
      body: power,
      idempotencyKey: newKey(),
    });
    await finishChange(
      run,
      { operation: value.operation, title: `${verb} ${only.name}`, handle: only.name },
      options,
    );
  });
}
