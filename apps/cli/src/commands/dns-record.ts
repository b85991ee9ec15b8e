import { DNS_RECORD_TYPES, type DnsRecord } from '@longshore/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import {
  addListOptions,
  addOutputOptions,
  chooseColumns,
  type ListOptions,
  wholeNumber,
} from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';

/** `dns record list|add|delete`. */
export function addDnsRecordCommands(dns: Command, io: CliIo): void {
  const group = dns.command('record').description('records that people write');
  addList(group, io);
  addAdd(group, io);
  addDelete(group, io);
}

const COLUMNS: readonly Column<DnsRecord>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  {
    name: 'ttl',
    value: (row) => (row.ttlSeconds === null ? '' : String(row.ttlSeconds)),
    shown: true,
    right: true,
  },
  { name: 'type', value: (row) => row.type, shown: true },
  { name: 'value', value: (row) => row.value, shown: true, shrinks: true },
  {
    name: 'answered',
    value: (row) => (row.published ? 'yes' : 'no'),
    tone: (row) => (row.published ? undefined : 'doubtful'),
    shown: true,
  },
  { name: 'by', value: (row) => row.createdBy, shown: false },
  { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  { name: 'id', value: (row) => row.id, shown: true },
];

function addList(group: Command, io: CliIo): void {
  const command = group
    .command('list')
    .alias('ls')
    .argument('<zone>', 'name or identifier')
    .description('list the records that people wrote into a zone');
  addListOptions(command, { columns: COLUMNS });
  command.action(async (id: string, options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { value } = await run.call('listDnsRecords', { params: { id } });
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.id,
      header: options.header,
      empty: 'Nobody has written a record into this zone.',
    });
  });
}

function addAdd(group: Command, io: CliIo): void {
  const command = group
    .command('add')
    .argument('<zone>', 'name or identifier')
    .argument('<name>', 'labels before the zone; @ for the zone itself')
    .argument('<type>', DNS_RECORD_TYPES.join(', '), recordType)
    .argument('<value...>', 'as zone files have it; names are whole')
    .description('write a record into a zone')
    .option('--ttl <seconds>', 'time to live, unless that of the zone', wholeNumber);
  addOutputOptions(command);
  addExamples(
    command,
    'longshore dns record add lab.i.example.org www CNAME web1.lab.i.example.org',
    'longshore dns record add i.example.org @ MX 10 mail.example.org',
    `longshore dns record add i.example.org @ TXT '"v=spf1 -all"'`,
  );
  command.action(
    async (
      id: string,
      name: string,
      type: DnsRecord['type'],
      words: string[],
      options: { ttl?: number },
      self: Command,
    ) => {
      const run = openRun(io, self);
      const { value } = await run.call('createDnsRecord', {
        params: { id },
        body: {
          name,
          type,
          value: words.join(' '),
          ...(options.ttl === undefined ? {} : { ttlSeconds: options.ttl }),
        },
      });
      if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
      say(run, `${value.fullName} ${value.type} ${value.value}: written`);
    },
  );
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .argument('<zone>', 'name or identifier')
    .argument('<record>', 'identifier, or a name')
    .argument('[type]', 'of the records of that name', recordType)
    .description('take records out of a zone');
  addOutputOptions(command);
  addExamples(command, 'longshore dns record delete lab.i.example.org www CNAME');
  command.action(
    async (
      id: string,
      which: string,
      type: DnsRecord['type'] | undefined,
      _options: object,
      self: Command,
    ) => {
      const run = openRun(io, self);
      const { value } = await run.call('listDnsRecords', { params: { id } });
      const meant = value.items.filter(
        (record) =>
          record.id === which || (record.name === which && (type === undefined || record.type === type)),
      );
      if (meant.length === 0) {
        throw new CliError(
          'not-found',
          `The zone ${id} has no record ${which}${type === undefined ? '' : ` ${type}`}.`,
          {
            hint: `List them: longshore dns record list ${id}`,
          },
        );
      }
      for (const record of meant) {
        await run.call('deleteDnsRecord', { params: { id, record: record.id } });
        say(run, `${record.fullName} ${record.type} ${record.value}: deleted`);
      }
    },
  );
}

function recordType(text: string): DnsRecord['type'] {
  const found = DNS_RECORD_TYPES.find((type) => type === text.toUpperCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It is one of ${DNS_RECORD_TYPES.join(', ')}.`);
}
