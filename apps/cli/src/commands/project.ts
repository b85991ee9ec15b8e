import { PROJECT_FILTERS, type Project, type Quota } from '@longshore/contract';
import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstances } from '../naming/find-instances.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { bytes, moment } from '../output/figures.ts';
import { printDocument, printList, printObject, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';
import { withEtag } from '../with-etag.ts';
import { addMemberCommands } from './project-members.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `project list|show|create|set|delete|assign` and its members. */
export function addProjectCommands(program: Command, io: CliIo): void {
  const group = program.command('project').description('shares of the fleet: members, quotas, instances');
  addList(group, io);
  addShow(group, io);
  addCreate(group, io);
  addSet(group, io);
  addDelete(group, io);
  addAssign(group, io);
  addMemberCommands(group, io);
}

const count = (used: number, limit: number | null) => `${used}${limit === null ? '' : ` of ${limit}`}`;
const size = (used: number, limit: number | null) =>
  `${bytes(used)}${limit === null ? '' : ` of ${bytes(limit)}`}`;
const days = (number: number | null) => (number === null ? 'for ever' : `${number} days`);

const COLUMNS: readonly Column<Project>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'instances', value: (row) => count(row.use.instances, row.quota.instances), shown: true },
  { name: 'cpu', value: (row) => count(row.use.cpu, row.quota.cpu), shown: true },
  { name: 'memory', value: (row) => size(row.use.memoryBytes, row.quota.memoryBytes), shown: true },
  { name: 'disk', value: (row) => size(row.use.diskBytes, row.quota.diskBytes), shown: true },
  { name: 'description', value: (row) => row.description, shown: true, shrinks: true },
  { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  { name: 'id', value: (row) => row.id, shown: false },
];

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list projects with their quotas and use');
  addListOptions(command, { columns: COLUMNS, sorts: ['name'], filters: PROJECT_FILTERS });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { filter, sort } = options;
    const list = await collectPages(options.limit, async (page) => {
      const query = {
        ...page,
        ...(filter === undefined ? {} : { filter }),
        ...(sort === undefined ? {} : { sort }),
      };
      return (await run.call('listProjects', { query })).value;
    });
    await printList(run, {
      rows: list.items,
      columns,
      document: joinPages(list),
      handle: (row) => row.name,
      header: options.header,
      empty: 'There are no projects that you may see.',
    });
    warnOfRest(run, list);
  });
}

function addShow(group: Command, io: CliIo): void {
  const command = group
    .command('show')
    .argument('<project>', 'name or identifier')
    .description('show a project');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value: project } = await run.call('getProject', { params: { id } });
    const { use, quota } = project;
    await printObject(run, {
      document: project,
      handle: project.name,
      facts: [
        ['Name', project.name],
        ['Description', project.description],
        ['Instances', count(use.instances, quota.instances)],
        ['CPU', count(use.cpu, quota.cpu)],
        ['Memory', size(use.memoryBytes, quota.memoryBytes)],
        ['Disk', size(use.diskBytes, quota.diskBytes)],
        [
          'Without limits',
          use.unlimited === 0 ? null : `${use.unlimited} instances, which are not in the sums`,
        ],
        ['Instances live', days(project.defaultLifetimeDays)],
        ['At most', days(project.maxLifetimeDays)],
        ['Created', `${moment(project.createdAt)} by ${project.createdBy}`],
        ['Identifier', project.id],
      ],
    });
  });
}

type SettingOptions = Readonly<{
  description?: string;
  instances?: string;
  cpu?: string;
  memory?: string;
  disk?: string;
  lifetime?: string;
  maxLifetime?: string;
}>;

function addSettings(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .option('--instances <number>', 'quota of instances; "none" for no limit')
    .option('--cpu <number>', 'quota of CPUs')
    .option('--memory <size>', 'quota of memory, such as 64GiB')
    .option('--disk <size>', 'quota of root disks, such as 1TiB')
    .option('--lifetime <days>', 'days that new instances live unless they say otherwise')
    .option('--max-lifetime <days>', 'days that instances may live at most');
}

function settingsOf(options: SettingOptions) {
  const quota: Partial<Quota> = {
    ...(options.instances === undefined ? {} : { instances: wholeOrNone(options.instances) }),
    ...(options.cpu === undefined ? {} : { cpu: wholeOrNone(options.cpu) }),
    ...(options.memory === undefined ? {} : { memoryBytes: bytesOrNone(options.memory) }),
    ...(options.disk === undefined ? {} : { diskBytes: bytesOrNone(options.disk) }),
  };
  return {
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(Object.keys(quota).length === 0 ? {} : { quota }),
    ...(options.lifetime === undefined ? {} : { defaultLifetimeDays: wholeOrNone(options.lifetime) }),
    ...(options.maxLifetime === undefined ? {} : { maxLifetimeDays: wholeOrNone(options.maxLifetime) }),
  };
}

function addCreate(group: Command, io: CliIo): void {
  const command = group.command('create').argument('<name>', 'a DNS label').description('create a project');
  addSettings(command);
  addOutputOptions(command);
  addExamples(
    command,
    'longshore project create lab --instances 20 --cpu 40 --memory 128GiB --max-lifetime 90',
  );
  command.action(async (name: string, options: SettingOptions, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('createProject', { body: { name, ...settingsOf(options) } });
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    say(run, `${value.name}: created`);
  });
}

function addSet(group: Command, io: CliIo): void {
  const command = group
    .command('set')
    .argument('<project>', 'name or identifier')
    .description('change quotas, lifetimes, description or name of a project')
    .option('--name <name>', 'another name');
  addSettings(command);
  addOutputOptions(command);
  addExamples(command, 'longshore project set lab --memory 256GiB --instances none');
  command.action(async (id: string, options: SettingOptions & { name?: string }, self: Command) => {
    const run = openRun(io, self);
    const body = { ...settingsOf(options), ...(options.name === undefined ? {} : { name: options.name }) };
    if (Object.keys(body).length === 0) throw new CliError('usage', 'Nothing to change was named.');
    const { value } = await withEtag(
      () => run.call('getProject', { params: { id } }),
      (_project, ifMatch) => run.call('updateProject', { params: { id }, body, ifMatch }),
    );
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    say(run, `${value.name}: changed`);
  });
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .argument('<project>', 'name or identifier')
    .description('delete an empty project, with its memberships')
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (id: string, options: { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('getProject', { params: { id } });
    await confirm(run, `Delete the project ${value.name} with all its memberships?`, options.yes === true);
    await run.call('deleteProject', { params: { id: value.id } });
    say(run, `${value.name}: deleted`);
  });
}

function addAssign(group: Command, io: CliIo): void {
  const command = group
    .command('assign')
    .argument('<project>', 'name or identifier; "none" takes them out of theirs')
    .argument('<instance...>', 'NAME, HOST/NAME or identifier')
    .description('put instances into a project; what nobody has claimed is claimed');
  addOutputOptions(command);
  addExamples(command, 'longshore project assign lab web1 web2');
  command.action(async (project: string, names: string[], _options: object, self: Command) => {
    const run = openRun(io, self);
    for (const { id, name, claimed } of await findInstances(run, names)) {
      await withEtag(
        () => run.call('getInstance', { params: { id } }),
        (_instance, ifMatch) =>
          run.call('updateInstance', {
            params: { id },
            body: { project: project === 'none' ? null : project, ...(claimed ? {} : { claimed: true }) },
            ifMatch,
          }),
      );
      say(run, `${name}: ${project === 'none' ? 'belongs to no project' : `belongs to ${project}`}`);
    }
  });
}

function wholeOrNone(text: string): number | null {
  if (text === 'none') return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError('usage', `"${text}" is not a whole number.`, { hint: 'Write a number, or none.' });
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

function bytesOrNone(text: string): number | null {
  if (text === 'none') return null;
  const parts = /^([0-9]{1,9})([A-Za-z]*)$/.exec(text);
  const unit = UNITS[parts?.[2] === '' ? 'B' : (parts?.[2] ?? '')];
  if (parts === null || unit === undefined) {
    throw new CliError('usage', `"${text}" is no size.`, { hint: 'Write a size such as 64GiB, or none.' });
  }
  return Number(parts[1]) * unit;
}
