import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { attach } from '../consoles/attach.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { openRun } from '../run.ts';

type Mode = Readonly<{ takeOver?: boolean; view?: boolean }>;

/** `shell` and `console`: a terminal in an instance. */
export function addConsoleCommands(parent: Command, io: CliIo): void {
  addShell(parent, io);
  addConsole(parent, io);
}

function addShell(parent: Command, io: CliIo): void {
  const command = parent
    .command('shell')
    .description('open a shell in an instance, or run a command in a terminal there; leave with Enter ~ .')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('[command...]', 'after --: a program with its arguments, instead of a login')
    .option('-u, --user <name>', 'the user in the instance (default: root)')
    .option('-s, --shell <path>', 'the program of the login (default: what the user has)');
  addModes(command, 'shells');
  addExamples(
    command,
    'longshore shell web1',
    'longshore shell web1 --user ubuntu',
    'longshore shell web1 -- journalctl -f',
  );
  command.action(
    async (
      name: string,
      words: string[],
      options: Mode & Readonly<{ user?: string; shell?: string }>,
      self: Command,
    ) => {
      const run = openRun(io, self);
      const { id } = await findInstance(run, name);
      await attach(run, id, {
        type: 'shell',
        mode: modeOf(options),
        ...(options.user === undefined ? {} : { user: options.user }),
        ...(options.shell === undefined ? {} : { shell: options.shell }),
        ...(words.length === 0 ? {} : { command: words }),
      });
    },
  );
}

function addConsole(parent: Command, io: CliIo): void {
  const command = parent
    .command('console')
    .description('connect to the console of an instance; leave with Enter ~ .')
    .argument('<instance>', 'NAME, HOST/NAME or identifier');
  addModes(command, 'a console');
  addExamples(command, 'longshore console web1', 'longshore console web1 --view');
  command.action(async (name: string, options: Mode, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, name);
    await attach(run, id, { type: 'console', mode: modeOf(options) });
  });
}

function addModes(command: Command, what: string): void {
  command
    .option('--take-over', `where ${what} of others are in the way: end the oldest, after a warning`)
    .option('--view', 'look along at what is open, and type nothing');
}

function modeOf({ takeOver, view }: Mode): 'deny' | 'takeover' | 'view' {
  if (takeOver === true && view === true) {
    throw new CliError('usage', '--take-over and --view exclude each other.', { hint: 'Give one.' });
  }
  if (view === true) return 'view';
  return takeOver === true ? 'takeover' : 'deny';
}
