import { PEOPLE_FILTERS, type Person } from '@longshore/contract';
import type { Command } from 'commander';
import { askSecret, confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { isId } from '../naming/find-instances.ts';
import {
  addListOptions,
  addOutputOptions,
  chooseColumns,
  type ListOptions,
  wholeNumber,
} from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, printObject, say } from '../output/print.ts';
import type { Column, Tone } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `person list|show|create|approve|block|unblock|reset|delete`. */
export function addPersonCommands(program: Command, io: CliIo): void {
  const group = program
    .command('person')
    .description('people: who waits for approval, who is in, who is blocked');
  addList(group, io);
  addShow(group, io);
  addCreate(group, io);
  addDecision(group, io, {
    name: 'approve',
    description: 'let in a person who waits',
    route: 'approvePerson',
    done: 'approved',
  });
  addDecision(group, io, {
    name: 'block',
    description: 'shut a person out: sessions end and tokens stop working at once',
    route: 'blockPerson',
    done: 'blocked',
  });
  addDecision(group, io, {
    name: 'unblock',
    description: 'let a blocked person in again',
    route: 'unblockPerson',
    done: 'unblocked',
  });
  addReset(group, io);
  addDelete(group, io);
}

const TONES: Readonly<Record<Person['status'], Tone | undefined>> = {
  pending: 'doubtful',
  active: undefined,
  blocked: 'bad',
};

const COLUMNS: readonly Column<Person>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'called', value: (row) => row.displayName, shown: true, shrinks: true },
  { name: 'status', value: (row) => row.status, tone: (row) => TONES[row.status], shown: true },
  { name: 'email', value: (row) => row.email ?? '', shown: true },
  {
    name: 'login',
    value: (row) =>
      [...row.providers.map(({ provider }) => provider), ...(row.hasPassword ? ['password'] : [])].join(' '),
    shown: true,
  },
  {
    name: 'seen',
    value: (row) => (row.lastLoginAt === null ? 'never' : moment(row.lastLoginAt)),
    shown: true,
  },
  { name: 'groups', value: (row) => row.providers.flatMap(({ groups }) => groups).join(' '), shown: false },
  { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  { name: 'id', value: (row) => row.id, shown: false },
];

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list people, those who wait first');
  command.option('--limit <number>', 'stop after so many', wholeNumber);
  addListOptions(command, { columns: COLUMNS, filters: PEOPLE_FILTERS });
  addExamples(command, 'longshore person list --filter status:pending');
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { filter } = options;
    const list = await collectPages(options.limit, async (page) => {
      const query = { ...page, ...(filter === undefined ? {} : { filter }) };
      return (await run.call('listPeople', { query })).value;
    });
    await printList(run, {
      rows: list.items,
      columns,
      document: joinPages(list),
      handle: (row) => row.name,
      header: options.header,
      empty: filter === undefined ? 'There are no people yet.' : 'No person fits the filter.',
    });
    warnOfRest(run, list);
  });
}

function addShow(group: Command, io: CliIo): void {
  const command = group
    .command('show')
    .argument('<person>', 'name or identifier')
    .description('show a person: how they log in, and the groups that providers told of');
  addOutputOptions(command);
  command.action(async (who: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const person = await findPerson(run, who);
    await printObject(run, {
      document: person,
      handle: person.name,
      facts: [
        ['Name', person.name],
        ['Called', person.displayName],
        ['Status', person.status, TONES[person.status]],
        ['E-mail', person.email],
        ['Password', person.hasPassword ? 'yes' : 'no'],
        ['Second factor', person.hasSecondFactor ? 'yes' : 'no'],
        ['Passkeys', String(person.passkeys)],
        ['Sessions', String(person.sessions)],
        ...person.providers.map(
          ({ provider, subject, groups }) => [`At ${provider}`, [subject, ...groups].join(' ')] as const,
        ),
        ['Last login', person.lastLoginAt === null ? 'never' : moment(person.lastLoginAt)],
        ['Created', `${moment(person.createdAt)} by ${person.createdBy}`],
        ['Approved by', person.approvedBy],
        ['Identifier', person.id],
      ],
    });
  });
}

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('<name>', 'what the person logs in with')
    .description('create a local account; asks for its password, or reads it from standard input')
    .option('--called <name>', 'how the person is called (default: the login name)');
  addOutputOptions(command);
  addExamples(command, "longshore person create anna --called 'Anna B'");
  command.action(async (name: string, options: { called?: string }, self: Command) => {
    const run = openRun(io, self);
    const password = await askSecret(run, `Password for ${name}, at least 12 characters (not shown): `);
    const body = { name, displayName: options.called ?? name, password };
    await tell(
      run,
      (await run.call('createPerson', { body })).value,
      'created; give it a role with `longshore role`',
    );
  });
}

type Decision = Readonly<{
  name: string;
  description: string;
  route: 'approvePerson' | 'blockPerson' | 'unblockPerson';
  done: string;
}>;

function addDecision(group: Command, io: CliIo, { name, description, route, done }: Decision): void {
  const command = group.command(name).argument('<person>', 'name or identifier').description(description);
  addOutputOptions(command);
  command.action(async (who: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findPerson(run, who);
    await tell(run, (await run.call(route, { params: { id }, body: {} })).value, done);
  });
}

function addReset(group: Command, io: CliIo): void {
  const command = group
    .command('reset')
    .argument('<person>', 'name or identifier')
    .description('give a person a new password, and take away second factor, passkeys and sessions');
  addOutputOptions(command);
  command.action(async (who: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const person = await findPerson(run, who);
    const password = await askSecret(run, `New password for ${person.name} (not shown): `);
    const { value } = await run.call('resetPerson', { params: { id: person.id }, body: { password } });
    await tell(run, value, 'has the new password');
  });
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .alias('rm')
    .argument('<person>', 'name or identifier')
    .description('delete a person with sessions, tokens, passkeys and roles')
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (who: string, options: { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const person = await findPerson(run, who);
    await confirm(run, `Delete ${person.name} with tokens and roles?`, options.yes === true);
    await run.call('deletePerson', { params: { id: person.id } });
    say(run, `${person.name}: deleted`);
  });
}

async function tell(run: Run, person: Person, done: string): Promise<void> {
  if (run.format === 'json' || run.format === 'yaml') return printDocument(run, person);
  say(run, `${person.name}: ${done}`);
}

/** A person by name or identifier. @throws CliError `not-found` */
export async function findPerson(run: Run, text: string): Promise<Person> {
  if (isId(text)) return (await run.call('getPerson', { params: { id: text } })).value;
  const name = text.toLowerCase();
  const { value } = await run.call('listPeople', {
    query: { filter: `name:"${name.replaceAll(/["\\]/g, '')}"` },
  });
  const found = value.items.find((person) => person.name === name);
  if (found !== undefined) return found;
  throw new CliError('not-found', `There is no person "${text}".`, { hint: 'See `longshore person list`.' });
}
