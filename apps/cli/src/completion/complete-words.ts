import type { Argument, Command, Option } from 'commander';

/** One thing that could be written next. */
export type Candidate = Readonly<{ value: string; description: string }>;

/** Things whose names only the server, or the context file, knows. */
export type Kind = 'instance' | 'host' | 'image' | 'operation' | 'token' | 'context';

const KIND_OF_ARGUMENT: Readonly<Record<string, Kind>> = {
  instance: 'instance',
  instances: 'instance',
  host: 'host',
  image: 'image',
  operation: 'operation',
  operations: 'operation',
  token: 'token',
  context: 'context',
};

const KIND_OF_OPTION: Readonly<Record<string, Kind>> = {
  '--host': 'host',
  '--to': 'host',
  '--from': 'host',
  '--context': 'context',
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  '--via': ['auto', 'direct', 'relay'],
  '--maintenance': ['on', 'off'],
  '--image-protocol': ['simplestreams', 'lxd'],
};

/** What a shell inserts into a command line unquoted; names from hosts could be anything else. */
const SAFE_WORD = /^[\w./@%+,:=*-]+$/;

/**
 * What can stand in place of the last word.
 * @param words those after `longshore`; the last is being written
 * @param names looks names up; an empty list where they cannot be had
 */
export async function completeWords(
  program: Command,
  words: readonly string[],
  names: (kind: Kind) => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const { command, position, pending } = walk(program, words.slice(0, -1));
  const all = await candidates(program, command, position, pending, current, names);
  return all.filter(({ value }) => value.startsWith(current) && SAFE_WORD.test(value));
}

/** Where the words before lead: the command, how many arguments it has, and the option that awaits its value. */
function walk(program: Command, words: readonly string[]) {
  let command = program;
  let position = 0;
  let pending: Option | undefined;
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const option = optionsOf(program, command).find((each) => each.short === word || each.long === word);
      if (option?.required === true) pending = option;
    } else {
      const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
      if (next === undefined) position += 1;
      else command = next;
    }
  }
  return { command, position, pending };
}

function optionsOf(program: Command, command: Command): readonly Option[] {
  return command === program ? program.options : [...command.options, ...program.options];
}

async function candidates(
  program: Command,
  command: Command,
  position: number,
  pending: Option | undefined,
  current: string,
  names: (kind: Kind) => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  if (pending !== undefined) {
    const kind = KIND_OF_OPTION[pending.long ?? ''];
    const values = kind === undefined ? (CHOICES[pending.long ?? ''] ?? []) : await names(kind);
    return values.map(plain);
  }
  if (current.startsWith('-')) {
    return optionsOf(program, command).flatMap((option) =>
      option.long === undefined ? [] : [{ value: option.long, description: option.description }],
    );
  }
  const help = program.createHelp();
  const verbs = help.visibleCommands(command).map((each) => ({
    value: each.name(),
    description: each.description(),
  }));
  if (verbs.length > 0) return verbs;
  const argument = argumentAt(command, position);
  if (argument === undefined) return [];
  const kind = KIND_OF_ARGUMENT[argument.name()];
  return kind === undefined ? (argument.argChoices ?? []).map(plain) : (await names(kind)).map(plain);
}

function argumentAt(command: Command, position: number): Argument | undefined {
  const found = command.registeredArguments[position];
  const last = command.registeredArguments.at(-1);
  return found ?? (last?.variadic === true ? last : undefined);
}

function plain(value: string): Candidate {
  return { value, description: '' };
}
