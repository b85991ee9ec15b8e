import type { Instance, InstancePatch } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import type { InstanceRow } from '../naming/find-instances.ts';
import { addOutputOptions, collect, labelOptions } from '../options.ts';
import { printDocument, say, write } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import { openRun, type Run } from '../run.ts';
import { withEtag } from '../with-etag.ts';
import { addSelection, type SelectionOptions, selectInstances } from './selection.ts';

type LabelOptions = SelectionOptions & Readonly<{ set?: readonly string[]; remove?: readonly string[] }>;

/** `label`: sets and removes labels of instances. */
export function addInstanceLabel(parent: Command, io: CliIo): Command {
  const command = parent.command('label').description('set or remove labels of instances');
  addSelection(command);
  command
    .option('--set <key=value>', 'set a label; may be repeated', collect)
    .option('--remove <key>', 'remove a label; may be repeated', collect);
  addOutputOptions(command);
  addExamples(command, 'longshore instance label web1 --set env=live --remove trial');
  return command.action(async (names: string[], options: LabelOptions, self: Command) => {
    const run = openRun(io, self);
    const set = labelOptions(options.set);
    const remove = options.remove ?? [];
    if (Object.keys(set).length + remove.length === 0)
      throw new CliError('usage', 'No label is named.', { hint: 'Add --set KEY=VALUE or --remove KEY.' });
    const rows = await selectInstances(run, names, options, 'label');
    await patchEach(run, rows, 'labelled', (instance) => {
      const labels = { ...instance.labels, ...set };
      for (const key of remove) delete labels[key];
      return { labels };
    });
  });
}

const PLAIN = {
  protect: { summary: 'protect instances against deletion', done: 'protected', patch: { protected: true } },
  unprotect: {
    summary: 'take the protection against deletion off',
    done: 'no longer protected',
    patch: { protected: false },
  },
  claim: {
    summary: 'take over instances that were found on a host',
    done: 'claimed',
    patch: { claimed: true },
  },
} as const satisfies Record<string, { summary: string; done: string; patch: InstancePatch }>;

/** `protect`, `unprotect` and `claim`. */
export function addInstanceFact(parent: Command, io: CliIo, verb: keyof typeof PLAIN): Command {
  const { summary, done, patch } = PLAIN[verb];
  const command = parent.command(verb).description(summary);
  addSelection(command);
  addOutputOptions(command);
  addExamples(
    command,
    `longshore instance ${verb} web1`,
    `longshore instance ${verb} --filter '${verb === 'claim' ? 'claimed:false host:a' : 'label:env=live'}'`,
  );
  return command.action(async (names: string[], options: SelectionOptions, self: Command) => {
    const run = openRun(io, self);
    const rows = await selectInstances(run, names, options, verb);
    await patchEach(run, rows, done, () => patch);
  });
}

async function patchEach(
  run: Run,
  rows: readonly InstanceRow[],
  done: string,
  patchFor: (instance: Instance) => InstancePatch,
): Promise<void> {
  const changed: Instance[] = [];
  for (const { id } of rows) {
    const value = await withEtag(
      () => run.call('getInstance', { params: { id } }),
      async (instance, ifMatch) =>
        (await run.call('updateInstance', { params: { id }, body: patchFor(instance), ifMatch })).value,
    );
    changed.push(value);
    if (run.format === 'quiet') write(run, `${safeText(value.name)}\n`);
    if (run.format === 'table') say(run, `${value.name}: ${done}`);
  }
  if (run.format === 'json' || run.format === 'yaml')
    await printDocument(run, changed.length === 1 ? changed[0] : changed);
}
