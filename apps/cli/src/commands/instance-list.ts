import { INSTANCE_FILTERS } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { instanceHandle, instanceRows } from '../naming/find-instances.ts';
import { addListOptions, chooseColumns, type ListOptions } from '../options.ts';
import { printList } from '../output/print.ts';
import { openRun } from '../run.ts';
import { instanceColumns } from './instance-columns.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `list`: instances of the whole fleet. */
export function addInstanceList(parent: Command, io: CliIo): Command {
  const command = parent.command('list').alias('ls').description('list instances of the whole fleet');
  addListOptions(command, {
    columns: instanceColumns(io.now()),
    sorts: ['name', 'status', 'createdAt', 'host'],
    filters: INSTANCE_FILTERS,
  });
  command.option('--all-projects', 'not only the project of the context');
  addExamples(
    command,
    'longshore list',
    "longshore list --filter 'host:a status:running -label:env=test'",
    'longshore list --columns +labels,+snapshots --sort -createdAt',
    "longshore list --json | jq -r '.items[].addresses[]'",
  );
  return command.action(async (options: ListOptions & { allProjects?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(instanceColumns(io.now()), options.columns);
    const { sort } = options;
    const project = options.allProjects === true ? undefined : await run.project();
    const ofProject = project === undefined ? [] : [`project:${project}`];
    const filter = [...ofProject, ...(options.filter === undefined ? [] : [options.filter])].join(' ');
    const list = await collectPages(options.limit, async (page) => {
      const { value } = await run.call('listInstances', {
        query: {
          ...page,
          ...(filter === '' ? {} : { filter }),
          ...(sort === undefined ? {} : { sort }),
        },
      });
      return value;
    });
    const rows = instanceRows(list.pages);
    await printList(run, {
      rows,
      columns,
      document: joinPages(list),
      handle: instanceHandle(rows),
      header: options.header,
      empty: emptyText(options.filter, project),
    });
    warnOfRest(run, list);
  });
}

function emptyText(filter: string | undefined, project: string | undefined): string {
  if (project === undefined)
    return filter === undefined ? 'There are no instances yet.' : 'No instance fits the filter.';
  const what = filter === undefined ? 'There are no instances' : 'No instance fits the filter';
  return `${what} in project ${project}; --all-projects shows the others.`;
}
