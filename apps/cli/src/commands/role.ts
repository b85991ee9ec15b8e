import type { RoleScope } from '@longshore/contract';
import { Argument, type Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { printDocument, printList, say } from '../output/print.ts';
import { openRun } from '../run.ts';
import { BINDING_COLUMNS, subjectOf } from './binding-columns.ts';

/** `role list|give|take`. */
export function addRoleCommands(program: Command, io: CliIo): void {
  const group = program
    .command('role')
    .description('who may do what on the fleet, projects, hosts and labels');
  const list = group.command('list').alias('ls').description('list who has which role where');
  addListOptions(list, { columns: BINDING_COLUMNS });
  list.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(BINDING_COLUMNS, options.columns);
    const { value } = await run.call('listBindings');
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.id,
      header: options.header,
      empty: 'Nobody has a role. Tokens of robots have scopes instead.',
    });
  });
  addGive(group, io);
  addTake(group, io);
}

const ROLES = ['viewer', 'operator', 'admin', 'auditor'] as const;

function addGive(group: Command, io: CliIo): void {
  const command = group
    .command('give')
    .argument('<subject>', 'name of a person, or group:PROVIDER:GROUP')
    .addArgument(
      new Argument('<role>', 'on the fleet admin or auditor, else viewer, operator or admin').choices(ROLES),
    )
    .argument('[place]', 'fleet, project:NAME, host:NAME or label:KEY=VALUE', 'fleet')
    .description('give a role');
  addOutputOptions(command);
  addExamples(
    command,
    'longshore role give anna auditor',
    'longshore role give group:gitlab:web operator label:team=web',
  );
  command.action(
    async (subject: string, role: (typeof ROLES)[number], place: string, _options: object, self: Command) => {
      const run = openRun(io, self);
      const body = { subject: subjectOf(subject), role, scope: placeOf(place) };
      const { value } = await run.call('createBinding', { body });
      if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
      say(run, `${value.subject.name}: ${value.role} on ${place}`);
    },
  );
}

function addTake(group: Command, io: CliIo): void {
  const command = group
    .command('take')
    .argument('<id>', 'identifier of the role')
    .description('take a role away');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    await run.call('deleteBinding', { params: { id } });
    say(run, `${id}: taken`);
  });
}

function placeOf(text: string): RoleScope {
  if (text === 'fleet') return { kind: 'fleet' };
  const at = text.indexOf(':');
  const kind = text.slice(0, at);
  const name = text.slice(at + 1);
  if (name !== '' && (kind === 'project' || kind === 'host' || kind === 'label')) return { kind, name };
  throw new CliError('usage', `"${text}" is no place for a role.`, {
    hint: 'Write fleet, project:NAME, host:NAME or label:KEY=VALUE.',
  });
}
