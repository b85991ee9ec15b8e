import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from './cli-error.ts';
import type { Column } from './output/table.ts';

const OUTPUT = 'Output:';

/** `--json`, `--yaml` and `--quiet`. */
export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', "the API's object as JSON").helpGroup(OUTPUT))
    .addOption(new Option('--yaml', 'the same as YAML').helpGroup(OUTPUT))
    .addOption(new Option('-q, --quiet', 'names or identifiers only').helpGroup(OUTPUT));
}

/** What the options of a list hold. */
export type ListOptions = Readonly<{
  columns?: string;
  filter?: string;
  sort?: string;
  limit?: number;
  header: boolean;
}>;

/** Output options and those of lists. `sorts` are the fields that the server orders by. */
export function addListOptions(
  command: Command,
  list: Readonly<{
    columns: readonly Column<never>[];
    sorts?: readonly string[];
    filters?: readonly string[];
  }>,
): Command {
  if (list.filters !== undefined) {
    command.option(
      '--filter <terms>',
      `show only what fits, such as 'name:web*'; fields: ${list.filters.join(', ')} (see \`longshore help filters\`)`,
    );
  }
  if (list.sorts !== undefined) {
    command.option('--sort <field>', `order by ${list.sorts.join(', ')}; -${list.sorts[0]} for descending`);
    command.option('--limit <number>', 'stop after so many', wholeNumber);
  }
  addOutputOptions(command);
  return command
    .addOption(
      new Option(
        '--columns <names>',
        `columns to show, with commas between; +NAME adds one: ${list.columns.map((each) => each.name).join(', ')}`,
      ).helpGroup(OUTPUT),
    )
    .addOption(new Option('--no-header', 'leave the titles of the columns out').helpGroup(OUTPUT));
}

/** The columns that the person wants: those shown without asking, or the named ones; `+name` adds to the former. */
export function chooseColumns<Row>(
  columns: readonly Column<Row>[],
  asked: string | undefined,
): readonly Column<Row>[] {
  const usual = columns.filter((column) => column.shown);
  if (asked === undefined) return usual;
  const names = asked.split(',').map((name) => name.trim().toLowerCase());
  const find = (name: string) => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    throw new CliError('usage', `There is no column "${name}".`, {
      hint: `There are: ${columns.map((column) => column.name).join(', ')}.`,
    });
  };
  if (!names.every((name) => name.startsWith('+'))) return names.map((name) => find(name.replace(/^\+/, '')));
  const added = names.map((name) => find(name.slice(1)));
  return [...usual, ...added.filter((column) => !usual.includes(column))];
}

/** What the options of a change hold. */
export type WaitOptions = Readonly<{ wait: boolean; timeout?: number }>;

/** Output options, `--no-wait` and `--timeout`. */
export function addWaitOptions(command: Command): Command {
  command.option('--no-wait', 'return as soon as the server has accepted it; prints the operation');
  command.option('--timeout <seconds>', 'stop waiting after this time (exit code 7)', wholeNumber);
  return addOutputOptions(command);
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A whole number above zero, for commander. */
export function wholeNumber(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above zero.');
}

/** `KEY=VALUE` options as a record; a value may have `=` in it. */
export function keyValues(texts: readonly string[] | undefined, option: string): Record<string, string> {
  const record: Record<string, string> = {};
  for (const text of texts ?? []) {
    const at = text.indexOf('=');
    if (at < 1) {
      throw new CliError('usage', `${option} "${text}" has no value.`, {
        hint: `Write ${option} KEY=VALUE.`,
      });
    }
    record[text.slice(0, at)] = text.slice(at + 1);
  }
  return record;
}

/** Labels: `KEY=VALUE`, or a bare `KEY` with an empty value. */
export function labelOptions(texts: readonly string[] | undefined): Record<string, string> {
  return keyValues(
    (texts ?? []).map((text) => (text.includes('=') ? text : `${text}=`)),
    '--label',
  );
}
