import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type CliIo, wantsColour } from './cli-io.ts';
import { addAudit } from './commands/audit.ts';
import { addCompletion } from './commands/completion.ts';
import { addConsoleCommands } from './commands/console.ts';
import { addContextCommands } from './commands/context.ts';
import { addDnsCommands } from './commands/dns.ts';
import { addEventCommands } from './commands/event.ts';
import { addExportCommands } from './commands/export.ts';
import { addHelp } from './commands/help.ts';
import { addHostCommands } from './commands/host.ts';
import { addIdentityProviderCommands } from './commands/identity-provider.ts';
import { addImageCommands } from './commands/image.ts';
import { addInstanceCommands, addShortForms } from './commands/instance.ts';
import { addKnownHosts } from './commands/instance-keys.ts';
import { addKeyCommands } from './commands/key.ts';
import { addLogin } from './commands/login.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addPersonCommands } from './commands/person.ts';
import { addProjectCommands } from './commands/project.ts';
import { addRoleCommands } from './commands/role.ts';
import { addServerCommands, addSetup } from './commands/server.ts';
import { addTokenCommands } from './commands/token.ts';
import { addWhoami } from './commands/whoami.ts';
import { argumentName } from './docs/examples.ts';

const AFTER = `
Examples:
  longshore setup 'http://127.0.0.1:8420/setup#CODE'    the link of the server's first start
  longshore host enrol https://10.0.0.2:8443            take a host into the fleet
  longshore launch debian web1                          on the host with the most room
  longshore list --filter 'status:running host:a'
  longshore move web1 --host b
  longshore stop --filter 'label:env=test'              many at once, after confirmation

Instances are named NAME, HOST/NAME where a name stands on several hosts, or by
identifier. Changes wait until they are done, unless --no-wait.

Environment:
  LONGSHORE_URL, LONGSHORE_TOKEN    the server and your token; win over contexts
  NO_COLOR                          no colours

Topics: longshore help exit-codes | environment | filters | output`;

/** The whole command tree. Errors are thrown, never printed or ended with here. */
export function buildProgram(io: CliIo): Command {
  const program = new Command('longshore')
    .description('One private cloud out of independent LXD and Incus hosts.')
    .usage('COMMAND [ARGUMENTS] [OPTIONS]')
    .version(version(), '-V, --version', 'print the version')
    .option('--context <name>', 'use this context instead of the current one')
    .option('--server <url>', 'use this server (its token from LONGSHORE_TOKEN or a context for it)')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => subcommandTerm(command) })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined, // the error is thrown as well, and told in one place
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
      getOutHasColors: () => wantsColour(io, io.stdout),
      getErrHasColors: () => wantsColour(io, io.stderr),
    })
    .addHelpText('after', AFTER);
  program.commandsGroup('Instances:');
  addShortForms(program, io);
  addConsoleCommands(program, io);
  addInstanceCommands(program, io);
  program.commandsGroup('Fleet:');
  addHostCommands(program, io);
  addImageCommands(program, io);
  addExportCommands(program, io);
  addDnsCommands(program, io);
  addOperationCommands(program, io);
  addEventCommands(program, io);
  program.commandsGroup('Access:');
  addSetup(program, io);
  addLogin(program, io);
  addContextCommands(program, io);
  addWhoami(program, io);
  addProjectCommands(program, io);
  addRoleCommands(program, io);
  addTokenCommands(program, io);
  addKeyCommands(program, io);
  addKnownHosts(program, io);
  addPersonCommands(program, io);
  addIdentityProviderCommands(program, io);
  addAudit(program, io);
  addServerCommands(program, io);
  program.commandsGroup('More:');
  addCompletion(program, io);
  addHelp(program, io);
  withoutHelpVerbs(program);
  return program;
}

/** Groups would each get a verb `help` beside `--help`; one `longshore help` is enough. */
function withoutHelpVerbs(command: Command): void {
  command.helpCommand(false);
  for (const each of command.commands) withoutHelpVerbs(each);
}

/** A group shows its verbs, a command its arguments; options are in its own help. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = argumentName(argument);
    return argument.required ? name : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}

function version(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown';
}
