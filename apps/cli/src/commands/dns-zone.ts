import type { DnsZone } from '@longshore/contract';
import { type Command, Option } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import {
  addListOptions,
  addOutputOptions,
  chooseColumns,
  collect,
  type ListOptions,
  wholeNumber,
} from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, printObject, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';
import { withEtag } from '../with-etag.ts';

/** `dns zone list|show|create|set|delete|delegation`. */
export function addDnsZoneCommands(dns: Command, io: CliIo): void {
  const group = dns.command('zone').description('zones that Longshore answers for');
  addList(group, io);
  addShow(group, io);
  addCreate(group, io);
  addSet(group, io);
  addDelete(group, io);
  addDelegation(group, io);
}

const COLUMNS: readonly Column<DnsZone>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'records', value: (row) => String(row.records), shown: true, right: true },
  { name: 'serial', value: (row) => String(row.serial), shown: true, right: true },
  { name: 'ttl', value: (row) => String(row.ttlSeconds), shown: true, right: true },
  { name: 'shows', value: showsOf, shown: true },
  { name: 'servers', value: (row) => row.nameServers.join(' '), shown: true, shrinks: true },
  { name: 'id', value: (row) => row.id, shown: false },
];

function showsOf({ visible, networks, prefix }: DnsZone): string {
  if (prefix !== null) return prefix;
  return networks.length === 0 ? visible : `${visible}, ${networks.join(' ')}`;
}

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list zones');
  addListOptions(command, { columns: COLUMNS });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { value } = await run.call('listDnsZones', {});
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.name,
      header: options.header,
      empty: 'There are no zones that you may see.',
    });
  });
}

function addShow(group: Command, io: CliIo): void {
  const command = group.command('show').argument('<zone>', 'name or identifier').description('show a zone');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value: zone } = await run.call('getDnsZone', { params: { id } });
    await printObject(run, {
      document: zone,
      handle: zone.name,
      facts: [
        ['Name', zone.name],
        ['Network', zone.prefix],
        ['Shows', showsOf(zone)],
        ['Stopped instances', zone.keepStopped ? 'keep their names' : 'have no names'],
        ['Records', String(zone.records)],
        ['Serial', String(zone.serial)],
        ['Time to live', `${zone.ttlSeconds} s`],
        ['Name servers', zone.nameServers.join('\n')],
        ['Contact', zone.contact],
        ['Secondaries', zone.secondaries.join('\n')],
        ['Created', `${moment(zone.createdAt)} by ${zone.createdBy}`],
        ['Identifier', zone.id],
      ],
    });
  });
}

type SettingOptions = Readonly<{
  ns?: readonly string[];
  contact?: string;
  ttl?: number;
  visible?: 'all' | 'public';
  network?: readonly string[];
  keepStopped?: boolean;
  secondary?: readonly string[];
}>;

function addSettings(command: Command): Command {
  return command
    .option('--ns <name>', 'a name server of the zone, the primary first; may be repeated', collect)
    .option('--contact <address>', 'mail address of who answers for it')
    .option('--ttl <seconds>', 'time to live of its records', wholeNumber)
    .addOption(
      new Option('--visible <class>', 'which addresses are answered').choices(['all', 'public'] as const),
    )
    .option(
      '--network <cidr>',
      'answer only addresses of these networks; may be repeated; "any" for all',
      collect,
    )
    .option('--keep-stopped', 'stopped instances keep their names')
    .option('--no-keep-stopped', 'they do not')
    .option(
      '--secondary <address>',
      'tell this server of new versions; may be repeated; "none" for nobody',
      collect,
    );
}

function settingsOf(options: SettingOptions) {
  return {
    ...(options.ns === undefined ? {} : { nameServers: [...options.ns] }),
    ...(options.contact === undefined ? {} : { contact: options.contact }),
    ...(options.ttl === undefined ? {} : { ttlSeconds: options.ttl }),
    ...(options.visible === undefined ? {} : { visible: options.visible }),
    ...(options.network === undefined ? {} : { networks: options.network.filter((each) => each !== 'any') }),
    ...(options.secondary === undefined
      ? {}
      : { secondaries: options.secondary.filter((each) => each !== 'none') }),
    ...(options.keepStopped === undefined ? {} : { keepStopped: options.keepStopped }),
  };
}

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('<name>', 'a domain name, or a network for its reverse zone')
    .description('answer for a zone, with one below it for each project');
  addSettings(command);
  addOutputOptions(command);
  addExamples(
    command,
    'longshore dns zone create i.example.org --ns ns1.example.org --ns ns2.example.org',
    'longshore dns zone create 2001:db8:12::/48 --ns ns1.example.org',
  );
  command.action(async (name: string, options: SettingOptions, self: Command) => {
    const run = openRun(io, self);
    const { nameServers, ...settings } = settingsOf(options);
    if (nameServers === undefined) {
      throw new CliError('usage', 'A zone needs a name server.', {
        hint: 'Write --ns NAME: the name by which others reach this server.',
      });
    }
    const { value } = await run.call('createDnsZone', { body: { name, nameServers, ...settings } });
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    say(
      run,
      `${value.name}: created; \`longshore dns zone delegation ${value.name}\` tells what the zone above has to say`,
    );
  });
}

function addSet(group: Command, io: CliIo): void {
  const command = group
    .command('set')
    .argument('<zone>', 'name or identifier')
    .description('change the settings of a zone');
  addSettings(command);
  addOutputOptions(command);
  addExamples(command, 'longshore dns zone set i.example.org --visible public --ttl 30');
  command.action(async (id: string, options: SettingOptions, self: Command) => {
    const run = openRun(io, self);
    const body = settingsOf(options);
    if (Object.keys(body).length === 0) throw new CliError('usage', 'Nothing to change was named.');
    const { value } = await withEtag(
      () => run.call('getDnsZone', { params: { id } }),
      (_zone, ifMatch) => run.call('updateDnsZone', { params: { id }, body, ifMatch }),
    );
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    say(run, `${value.name}: changed`);
  });
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .argument('<zone>', 'name or identifier')
    .description('stop answering for a zone; its records go with it')
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (id: string, options: { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('getDnsZone', { params: { id } });
    await confirm(run, `Delete the zone ${value.name} with all its records?`, options.yes === true);
    await run.call('deleteDnsZone', { params: { id: value.id } });
    say(run, `${value.name}: deleted`);
  });
}

function addDelegation(group: Command, io: CliIo): void {
  const command = group
    .command('delegation')
    .argument('<zone>', 'name or identifier')
    .description('show what the zone above has to say, so that the world finds this one');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('getDnsDelegation', { params: { id } });
    await printObject(run, {
      document: value,
      handle: value.zone,
      facts: [
        ['Zone', value.zone],
        ['Zone above', value.parentIsOurs ? 'is ours: it says so already' : 'has to say:'],
        ['Records', value.records.map(({ name, type, value: data }) => `${name} ${type} ${data}`).join('\n')],
        ['Warnings', value.warnings.join('\n'), 'doubtful'],
      ],
    });
  });
}
