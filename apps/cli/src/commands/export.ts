import type { InstanceExport } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { bytes, moment } from '../output/figures.ts';
import { printList, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';
import { warnOfRest } from './warn-of-rest.ts';

const exportColumns: readonly Column<InstanceExport>[] = [
  { name: 'id', value: (row) => row.id, shown: true },
  { name: 'instance', value: (row) => row.instanceName, shown: true },
  { name: 'size', value: (row) => bytes(row.sizeBytes), right: true, shown: true },
  { name: 'created', value: (row) => moment(row.createdAt), shown: true },
  { name: 'expires', value: (row) => moment(row.expiresAt), shown: true },
  { name: 'sha256', value: (row) => row.sha256, shown: false },
];

/** `export list|delete`: the files that the server keeps. */
export function addExportCommands(program: Command, io: CliIo): void {
  const group = program
    .command('export')
    .description('exports that the server keeps (make one with `instance export`)');
  const list = group.command('list').alias('ls').description('list exports');
  addListOptions(list, { columns: exportColumns, sorts: ['createdAt'] });
  list.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(exportColumns, options.columns);
    const { sort } = options;
    const found = await collectPages(options.limit, async (page) => {
      const query = { ...page, ...(sort === undefined ? {} : { sort }) };
      return (await run.call('listExports', { query })).value;
    });
    await printList(run, {
      rows: found.items,
      columns,
      document: joinPages(found),
      handle: (row) => row.id,
      header: options.header,
      empty: 'The server keeps no exports.',
    });
    warnOfRest(run, found);
  });

  const remove = group
    .command('delete')
    .argument('<export>', 'identifier')
    .description('delete an export from the server');
  addOutputOptions(remove);
  remove.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    await run.call('deleteExport', { params: { id } });
    say(run, `${id}: deleted`);
  });
}
