import { PART_ROLES } from '@longshore/contract';
import { Argument, type Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { printDocument, printList, say } from '../output/print.ts';
import { openRun } from '../run.ts';
import { BINDING_COLUMNS, subjectOf } from './binding-columns.ts';

/** `project members|add|remove`. */
export function addMemberCommands(group: Command, io: CliIo): void {
  const members = group
    .command('members')
    .argument('<project>', 'name or identifier')
    .description('list members');
  addListOptions(members, { columns: BINDING_COLUMNS });
  members.action(async (id: string, options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(BINDING_COLUMNS, options.columns);
    const { value } = await run.call('listMembers', { params: { id } });
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.subject.name,
      header: options.header,
      empty: 'The project has no members.',
    });
  });
  addAdd(group, io);
  addRemove(group, io);
}

const SUBJECT = 'name of a person, or group:PROVIDER:GROUP';

function addAdd(group: Command, io: CliIo): void {
  const command = group
    .command('add')
    .argument('<project>', 'name or identifier')
    .argument('<member>', SUBJECT)
    .addArgument(new Argument('<role>', 'what they may do there').choices(PART_ROLES))
    .description('give somebody a role in a project, instead of the one they had');
  addOutputOptions(command);
  addExamples(
    command,
    'longshore project add lab anna operator',
    'longshore project add lab group:gitlab:infra admin',
  );
  command.action(
    async (
      id: string,
      member: string,
      role: (typeof PART_ROLES)[number],
      _options: object,
      self: Command,
    ) => {
      const run = openRun(io, self);
      const { value } = await run.call('addMember', {
        params: { id },
        body: { subject: subjectOf(member), role },
      });
      if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
      say(run, `${value.subject.name}: ${value.role} of ${value.scope.name}`);
    },
  );
}

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .argument('<project>', 'name or identifier')
    .argument('<member>', SUBJECT)
    .description('take the roles in a project away from somebody');
  addOutputOptions(command);
  command.action(async (id: string, member: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { kind, name } = subjectOf(member);
    const { value } = await run.call('listMembers', { params: { id } });
    const theirs = value.items.filter(
      ({ subject, source }) => source === 'direct' && subject.kind === kind && subject.name === name,
    );
    if (theirs.length === 0) {
      throw new CliError('not-found', `${name} has no role of their own in the project.`, {
        hint: 'See `longshore project members`; a role that a group gives is taken from the group.',
      });
    }
    for (const binding of theirs) await run.call('removeMember', { params: { id, binding: binding.id } });
    say(run, `${name}: no longer a member`);
  });
}
