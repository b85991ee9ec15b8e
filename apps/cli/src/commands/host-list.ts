import {
  HOST_FILTERS,
  type Host,
  type HostWarning,
  type LocalSocket,
  type StoragePool,
} from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { findHost } from '../naming/find-host.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { bytes, labelText, moment } from '../output/figures.ts';
import { printList, printObject, type Section, tableSection } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { hostColumns, hostStatusText, hostTone, memoryText } from './host-columns.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `host list`. */
export function addHostList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list hosts');
  addListOptions(command, {
    columns: hostColumns(io.now()),
    sorts: ['name', 'status', 'createdAt'],
    filters: HOST_FILTERS,
  });
  addExamples(
    command,
    'longshore host list',
    "longshore host list --filter 'label:site=north -status:online'",
  );
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(hostColumns(io.now()), options.columns);
    const { filter, sort } = options;
    const list = await collectPages(options.limit, async (page) => {
      const { value } = await run.call('listHosts', {
        query: {
          ...page,
          ...(filter === undefined ? {} : { filter }),
          ...(sort === undefined ? {} : { sort }),
        },
      });
      return value;
    });
    await printList(run, {
      rows: list.items,
      columns,
      document: joinPages(list),
      handle: (row) => row.name,
      header: options.header,
      empty:
        filter === undefined
          ? 'There are no hosts yet. Enrol one with `longshore host enrol`.'
          : 'No host fits the filter.',
    });
    warnOfRest(run, list);
  });
}

const poolColumns: readonly Column<StoragePool>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'driver', value: (row) => row.driver, shown: true },
  {
    name: 'used',
    value: (row) => (row.usedBytes === null ? '' : bytes(row.usedBytes)),
    right: true,
    shown: true,
  },
  {
    name: 'total',
    value: (row) => (row.totalBytes === null ? '' : bytes(row.totalBytes)),
    right: true,
    shown: true,
  },
];

const warningColumns: readonly Column<HostWarning>[] = [
  {
    name: 'severity',
    value: (row) => row.severity,
    tone: (row) => (row.severity === 'critical' ? 'bad' : 'doubtful'),
    shown: true,
  },
  { name: 'warning', value: (row) => `${row.message} ${row.hint}`, shown: true },
];

/** `host show HOST`. */
export function addHostShow(group: Command, io: CliIo): void {
  const command = group
    .command('show')
    .argument('<host>', 'name or identifier')
    .description('show a host: state, size, pools, networks, warnings');
  addOutputOptions(command);
  command.action(async (name: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    await printHost(run, await findHost(run, name));
  });
}

/** Prints a host whole. */
export async function printHost(run: Run, host: Host): Promise<void> {
  await printObject(run, {
    document: host,
    handle: host.name,
    facts: [
      ['Name', host.name],
      ['Kind', `${host.kind} ${host.version}`],
      ['URL', host.url],
      ['Fingerprint', host.fingerprint],
      ['Status', hostStatusText(host, run.io.now()), hostTone(host.status)],
      ['Reason', host.statusReason],
      ['Since', moment(host.statusSince)],
      ['Labels', labelText(host.labels)],
      ['Architectures', host.architectures.join(', ')],
      ['CPU threads', host.resources === null ? null : String(host.resources.cpuThreads)],
      ['Memory', memoryText(host)],
      ['Instances', `${host.instances.running} of ${host.instances.total} running`],
      ['LXD projects', host.lxdProjects.join(', ')],
      ['Profiles', host.profiles.map((each) => inProject(each)).join(', ')],
      ['Networks', host.networks.map((each) => `${inProject(each)} (${each.type})`).join(', ')],
      ['Enrolled', moment(host.createdAt)],
      ['Observed', moment(host.observedAt)],
      ['Id', host.id],
    ],
    sections: sectionsOf(run, host),
  });
}

function inProject(each: Readonly<{ lxdProject: string; name: string }>): string {
  return each.lxdProject === 'default' ? each.name : `${each.lxdProject}/${each.name}`;
}

function sectionsOf(run: Run, host: Host): readonly Section[] {
  return [
    tableSection(run, 'Storage pools', poolColumns, host.resources?.pools ?? []),
    tableSection(run, 'Warnings', warningColumns, host.warnings),
  ];
}

const socketColumns: readonly Column<LocalSocket>[] = [
  { name: 'path', value: (row) => row.path, shown: true },
  { name: 'kind', value: (row) => row.kind, shown: true },
  { name: 'enrolled', value: (row) => row.enrolledAs ?? 'no', shown: true },
];

/** `host sockets`: what runs beside Longshore. */
export function addHostSockets(group: Command, io: CliIo): void {
  const command = group
    .command('sockets')
    .description("list LXD and Incus sockets on the server's own machine, which can be enrolled by path");
  addListOptions(command, { columns: socketColumns });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('listLocalSockets');
    await printList(run, {
      rows: value.items,
      columns: chooseColumns(socketColumns, options.columns),
      document: value,
      handle: (row) => row.path,
      header: options.header,
      empty: "There is no LXD or Incus socket on the server's machine.",
    });
  });
}
