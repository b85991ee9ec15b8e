import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { HELP_TOPICS, helpTopic } from '../docs/help-topics.ts';

/** `help [COMMAND… | TOPIC]`. */
export function addHelp(program: Command, io: CliIo): void {
  program
    .command('help')
    .argument('[topic...]', 'a command, or one of the topics below')
    .description('show help for a command, or about a topic')
    .addHelpText(
      'after',
      `\nTopics:\n${Object.entries(HELP_TOPICS)
        .map(([name, { title }]) => `  ${name.padEnd(14)}${title.toLowerCase()}`)
        .join('\n')}`,
    )
    .action((words: string[]) => {
      const topic = helpTopic(words[0] ?? '');
      if (words.length === 1 && topic !== undefined) {
        io.stdout.write(`${topic.title}\n\n${topic.text}\n`);
        return;
      }
      commandAt(program, words).outputHelp();
    });
}

function commandAt(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next === undefined) {
      throw new CliError('usage', `There is no command or topic "${words.join(' ')}".`, {
        hint: `Topics: ${Object.keys(HELP_TOPICS).join(', ')}; commands: see \`longshore --help\`.`,
      });
    }
    command = next;
  }
  return command;
}
