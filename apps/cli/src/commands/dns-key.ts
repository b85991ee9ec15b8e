import type { DnsKey } from '@longshore/contract';
import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printList, printObject, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';

/** `dns key list|create|delete`. */
export function addDnsKeyCommands(dns: Command, io: CliIo): void {
  const group = dns.command('key').description('keys by which other name servers fetch zones (TSIG)');
  addList(group, io);
  addCreate(group, io);
  addDelete(group, io);
}

const COLUMNS: readonly Column<DnsKey>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'zone', value: (row) => row.zoneId ?? 'all', shown: true },
  { name: 'by', value: (row) => row.createdBy, shown: true },
  { name: 'created', value: (row) => moment(row.createdAt), shown: true },
  { name: 'id', value: (row) => row.id, shown: false },
];

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list keys');
  addListOptions(command, { columns: COLUMNS });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { value } = await run.call('listDnsKeys', {});
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.name,
      header: options.header,
      empty: 'There are no keys that you may see.',
    });
  });
}

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('<name>', 'a domain name, as the other server will call the key')
    .description('make a key; its secret is shown this once')
    .option('--zone <zone>', 'for this zone and those below it only');
  addOutputOptions(command);
  addExamples(command, 'longshore dns key create knot.example.org --zone i.example.org');
  command.action(async (name: string, options: { zone?: string }, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('createDnsKey', {
      body: { name, ...(options.zone === undefined ? {} : { zone: options.zone }) },
    });
    await printObject(run, {
      document: value,
      handle: value.secret,
      facts: [
        ['Name', value.name],
        ['Algorithm', value.algorithm],
        ['Secret', value.secret],
      ],
    });
  });
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .argument('<key>', 'name or identifier')
    .description('take a key away; what it signs is refused')
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (which: string, options: { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('listDnsKeys', {});
    const key = value.items.find(({ id, name }) => id === which || name === which);
    if (key === undefined)
      throw new CliError('not-found', `There is no key ${which}.`, { hint: 'longshore dns key list' });
    await confirm(run, `Delete the key ${key.name}?`, options.yes === true);
    await run.call('deleteDnsKey', { params: { id: key.id } });
    say(run, `${key.name}: deleted`);
  });
}
