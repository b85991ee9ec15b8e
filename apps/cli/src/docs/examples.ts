import type { Argument, Command } from 'commander';

const examplesOf = new WeakMap<Command, readonly string[]>();

/** Gives a command examples, which its help and docs/cli.md show. */
export function addExamples(command: Command, ...examples: readonly string[]): Command {
  examplesOf.set(command, examples);
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
  return command;
}

/** The examples of a command. */
export function examplesFor(command: Command): readonly string[] {
  return examplesOf.get(command) ?? [];
}

/** How an argument stands in help: `NAME`, or `NAME…` where several can be given. */
export function argumentName(argument: Argument): string {
  const name = argument.name().toUpperCase();
  return argument.variadic ? `${name.replace(/S$/, '')}…` : name;
}
