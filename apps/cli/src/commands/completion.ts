import { Argument, type Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { completeWords } from '../completion/complete-words.ts';
import { knownNames } from '../completion/known-names.ts';
import { SHELL_SCRIPTS, SHELLS } from '../completion/shell-scripts.ts';
import { addExamples } from '../docs/examples.ts';
import { write } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import { openRun } from '../run.ts';

/** `completion SHELL`, and the hidden command that its scripts call. */
export function addCompletion(program: Command, io: CliIo): void {
  const command = program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .description('print the completion script of a shell; it completes names from the server too');
  addExamples(
    command,
    'source <(longshore completion bash)        # in ~/.bashrc',
    'source <(longshore completion zsh)         # in ~/.zshrc',
    'longshore completion fish | source         # in ~/.config/fish/config.fish',
  );
  command.action((text: string, _options: object, self: Command) => {
    const shell = SHELLS.find((each) => each === text);
    if (shell === undefined) throw new CliError('usage', `There is no completion for "${text}".`);
    write(openRun(io, self), SHELL_SCRIPTS[shell]);
  });

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[], _options: object, self: Command) => {
      const run = openRun(io, self);
      const found = await completeWords(program, words, (kind) => knownNames(run, kind));
      for (const { value, description } of found)
        write(run, `${safeText(value)}\t${safeText(description.split('\n')[0] ?? '')}\n`);
    });
}
