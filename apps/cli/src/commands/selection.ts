import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import { filterInstances, findInstances, type InstanceRow } from '../naming/find-instances.ts';
import type { Run } from '../run.ts';

/** Which instances a command is for, and whether that was confirmed beforehand. */
export type SelectionOptions = Readonly<{ filter?: string; yes?: boolean }>;

const NAMED_IN_QUESTION = 10; // enough to see that the filter means what the person means

/** `[instances...]`, `--filter` and `--yes`. */
export function addSelection(command: Command): Command {
  return command
    .argument('[instances...]', 'NAME, HOST/NAME or identifier')
    .option('--filter <terms>', 'all instances that fit instead, after confirmation')
    .option('-y, --yes', 'do not ask for confirmation');
}

/**
 * The instances that the person means. Several are shown and confirmed first, and exactly those are acted on, whatever
 * the filter would fit a moment later.
 * @param doing what would be done to them: `stop`
 */
export async function selectInstances(
  run: Run,
  names: readonly string[],
  options: SelectionOptions,
  doing: string,
): Promise<readonly InstanceRow[]> {
  if (names.length > 0 === (options.filter !== undefined)) {
    throw new CliError(
      'usage',
      names.length > 0 ? 'Names and --filter exclude each other.' : 'No instance is named.',
      {
        hint: "Give names, or --filter 'TERMS'.",
      },
    );
  }
  const rows =
    options.filter === undefined
      ? await findInstances(run, names)
      : await filterInstances(run, options.filter);
  if (rows.length === 0) throw new CliError('not-found', `No instance fits "${options.filter}".`);
  if (rows.length === 1 && options.filter === undefined) return rows;
  const shown = rows
    .slice(0, NAMED_IN_QUESTION)
    .map((row) => `  ${row.hostName}/${row.name} (${row.status})\n`);
  const rest = rows.length > NAMED_IN_QUESTION ? `  and ${rows.length - NAMED_IN_QUESTION} more\n` : '';
  const count = rows.length === 1 ? 'this instance' : `these ${rows.length} instances`;
  await confirm(run, `${shown.join('')}${rest}${doing} ${count}?`, options.yes === true);
  return rows;
}
