import type { InstanceConfiguration } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { deviceOptions } from '../device-options.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, collect, keyValues, type WaitOptions } from '../options.ts';
import { openRun } from '../run.ts';

type Options = WaitOptions &
  Readonly<{
    set?: readonly string[];
    unset?: readonly string[];
    device?: readonly string[];
    removeDevice?: readonly string[];
    profile?: readonly string[];
    profiles: boolean;
    cpu?: string;
    memory?: string;
    disk?: string;
    description?: string;
  }>;

/** `configure INSTANCE`: configuration, devices, profiles and size. */
export function addInstanceConfigure(parent: Command, io: CliIo): Command {
  const command = parent
    .command('configure')
    .alias('config')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('change configuration, devices, profiles or size; what is not named stays')
    .option('--set <key=value>', 'set a key; may be repeated', collect)
    .option('--unset <key>', 'remove a key; may be repeated', collect)
    .option('-d, --device <name,key=value,…>', 'add or replace a device; may be repeated', collect)
    .option('--remove-device <name>', 'remove a device; may be repeated', collect)
    .option('-p, --profile <name>', 'the profiles from now on, in order; repeated for each', collect)
    .option('--no-profiles', 'no profile at all')
    .option('--cpu <count>', 'number of CPUs, or a set such as 0-3')
    .option('--memory <size>', 'memory, such as 2GiB')
    .option('--disk <size>', 'size of the root disk, such as 20GiB')
    .option('--description <text>', 'description');
  addWaitOptions(command);
  addExamples(
    command,
    'longshore instance configure web1 --cpu 4 --memory 8GiB',
    'longshore instance configure web1 --set boot.autostart=true --unset user.note',
    'longshore instance configure web1 -d data,type=disk,source=/srv/data,path=/data',
  );
  return command.action(async (name: string, options: Options, self: Command) => {
    const run = openRun(io, self);
    const body = changeOf(options);
    const { id } = await findInstance(run, name);
    const { value } = await run.call('configureInstance', {
      params: { id },
      body,
      idempotencyKey: newKey(),
    });
    const title = `configure ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: name }, options);
  });
}

function changeOf(options: Options): InstanceConfiguration {
  const { cpu, memory, disk } = options;
  const removed = (names: readonly string[] | undefined) =>
    Object.fromEntries((names ?? []).map((name): [string, null] => [name, null]));
  const config = { ...keyValues(options.set, '--set'), ...removed(options.unset) };
  const devices = { ...deviceOptions(options.device), ...removed(options.removeDevice) };
  const limits = {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(disk === undefined ? {} : { disk }),
  };
  const change = {
    ...(isEmpty(config) ? {} : { config }),
    ...(isEmpty(devices) ? {} : { devices }),
    ...(isEmpty(limits) ? {} : { limits }),
    ...(options.profiles ? {} : { profiles: [] }),
    ...(options.profile === undefined ? {} : { profiles: [...options.profile] }),
    ...(options.description === undefined ? {} : { description: options.description }),
  };
  if (!isEmpty(change)) return change;
  throw new CliError('usage', 'Nothing to change was named.', { hint: 'Add --set, --cpu, --device, …' });
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
