import { DNS_NAME_FILTERS, type DnsName } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { printList, printObject } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';
import { addDnsKeyCommands } from './dns-key.ts';
import { addDnsRecordCommands } from './dns-record.ts';
import { addDnsZoneCommands } from './dns-zone.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `dns zone|record|key`, `dns name list` and `dns explain`. */
export function addDnsCommands(program: Command, io: CliIo): void {
  const group = program.command('dns').description('zones, records and names');
  addDnsZoneCommands(group, io);
  addDnsRecordCommands(group, io);
  addDnsKeyCommands(group, io);
  addNames(group, io);
  addExplain(group, io);
}

const COLUMNS: readonly Column<DnsName>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'ttl', value: (row) => String(row.ttlSeconds), shown: true, right: true },
  { name: 'type', value: (row) => row.type, shown: true },
  { name: 'value', value: (row) => row.value, shown: true, shrinks: true },
  {
    name: 'from',
    value: ({ source }) => (source.name === null ? source.kind : `${source.kind} ${source.name}`),
    shown: true,
  },
  { name: 'source', value: (row) => row.source.id, shown: false },
];

function addNames(group: Command, io: CliIo): void {
  const names = group.command('name').description('what is answered, and where it comes from');
  const command = names.command('list').alias('ls').description('list the records that are answered');
  addListOptions(command, { columns: COLUMNS, sorts: ['name'], filters: DNS_NAME_FILTERS });
  addExamples(command, "longshore dns name list --filter 'type:AAAA zone:i.example.org'");
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
      return (await run.call('listDnsNames', { query })).value;
    });
    await printList(run, {
      rows: list.items,
      columns,
      document: joinPages(list),
      handle: (row) => row.name,
      header: options.header,
      empty: 'Nothing is answered.',
    });
    warnOfRest(run, list);
  });
}

const OUTCOMES = {
  answered: 'it is answered',
  alias: 'it is an alias',
  'no-such-type': 'the name exists, without such a record',
  'no-such-name': 'the name does not exist',
  delegated: 'other name servers answer for it',
  'not-ours': 'Longshore does not answer for it',
} as const;

function addExplain(group: Command, io: CliIo): void {
  const command = group
    .command('explain')
    .argument('<name>', 'the whole name')
    .argument('[type]', 'type of record; default AAAA')
    .description('tell what is answered to a question, and why');
  addOutputOptions(command);
  addExamples(command, 'longshore dns explain web1.lab.i.example.org A');
  command.action(async (name: string, type: string | undefined, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('explainDnsName', {
      query: { name, ...(type === undefined ? {} : { type }) },
    });
    await printObject(run, {
      document: value,
      handle: value.outcome,
      facts: [
        ['Question', `${value.name} ${value.type}`],
        ['Outcome', OUTCOMES[value.outcome], value.outcome === 'answered' ? 'good' : 'doubtful'],
        ['Zone', value.zone],
        ['Answer', value.records.map((record) => `${record.type} ${record.value}`).join('\n')],
        ['Why', value.reasons.join('\n')],
      ],
    });
  });
}
