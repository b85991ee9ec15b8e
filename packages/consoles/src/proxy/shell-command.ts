import type { ConsoleOptions } from '../redeem-ticket.ts';

/**
 * The command that gives a shell in an instance: a login of the user through `su`, which knows the guest's users and their
 * groups, as `lxc shell` does. Everything that a person chose is quoted for a POSIX shell, and a user's name cannot begin
 * with a hyphen (the contract).
 */
export function shellCommand({ user = 'root', shell, command }: ConsoleOptions): readonly string[] {
  const su = ['su', '-l', ...(shell === undefined ? [] : ['-s', shell]), user];
  if (command !== undefined && user === 'root') return command;
  return command === undefined ? su : [...su, '-c', command.map(quoted).join(' ')];
}

/** POSIX.1-2017, shell command language, 2.2.2: nothing within single quotes has a meaning. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
