import { OPERATION_FILTERS, type Operation, type OperationStep } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { hostNames } from '../naming/find-host.ts';
import { describeOperation } from '../operations/describe-operation.ts';
import { throwUnlessSucceeded } from '../operations/finish-change.ts';
import { waitForOperations } from '../operations/wait-for-operations.ts';
import {
  addListOptions,
  addOutputOptions,
  chooseColumns,
  type ListOptions,
  wholeNumber,
} from '../options.ts';
import { age, duration, moment } from '../output/figures.ts';
import { printDocument, printList, printObject, say, tableSection } from '../output/print.ts';
import type { Column, Tone } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** History is long and its newest part is what people look for; --limit shows more. */
const LATEST = 50;

/** `operation list|show|wait|follow|cancel`. */
export function addOperationCommands(program: Command, io: CliIo): void {
  const group = program.command('operation').alias('op').description('what was asked for, and how it went');
  addList(group, io);
  addShow(group, io);
  addWait(group, io, 'wait');
  addWait(group, io, 'follow');
  addCancel(group, io);
}

const TONE_OF: Readonly<Record<Operation['status'], Tone>> = {
  queued: 'faint',
  running: 'doubtful',
  cancelling: 'doubtful',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'bad',
};

function tookText(operation: Operation, now: Date): string {
  if (operation.startedAt === null) return '';
  const end = operation.endedAt === null ? now.getTime() : Date.parse(operation.endedAt);
  return duration(Math.max(0, end - Date.parse(operation.startedAt)));
}

function operationColumns(now: Date, hostName: (id: string | null) => string): readonly Column<Operation>[] {
  return [
    { name: 'id', value: (row) => row.id, shown: true },
    { name: 'action', value: (row) => row.action, shown: true },
    { name: 'target', value: (row) => row.target.name, shown: true },
    { name: 'host', value: (row) => hostName(row.hostId), shown: true },
    { name: 'status', value: (row) => row.status, tone: (row) => TONE_OF[row.status], shown: true },
    { name: 'age', value: (row) => age(row.createdAt, now), right: true, shown: true },
    { name: 'took', value: (row) => tookText(row, now), right: true, shown: true },
    { name: 'failure', value: (row) => row.failure?.message ?? '', shown: true, shrinks: true },
    { name: 'by', value: (row) => row.requestedBy, shown: false },
    { name: 'attempts', value: (row) => String(row.attempts), right: true, shown: false },
    { name: 'created', value: (row) => moment(row.createdAt), shown: false },
    { name: 'parent', value: (row) => row.parentId ?? '', shown: false },
  ];
}

function addList(group: Command, io: CliIo): void {
  const command = group
    .command('list')
    .alias('ls')
    .description(`list operations, the newest first (${LATEST} unless --limit)`);
  addListOptions(command, {
    columns: operationColumns(io.now(), String),
    sorts: ['createdAt'],
    filters: OPERATION_FILTERS,
  });
  addExamples(command, "longshore operation list --filter 'status:failed host:a'");
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    chooseColumns(operationColumns(io.now(), String), options.columns);
    const { filter, sort } = options;
    const list = await collectPages(options.limit ?? LATEST, async (page) => {
      const query = {
        ...page,
        ...(filter === undefined ? {} : { filter }),
        ...(sort === undefined ? {} : { sort }),
      };
      return (await run.call('listOperations', { query })).value;
    });
    const hostName = run.format === 'table' ? await hostNames(run) : String;
    await printList(run, {
      rows: list.items,
      columns: chooseColumns(operationColumns(io.now(), hostName), options.columns),
      document: joinPages(list),
      handle: (row) => row.id,
      header: options.header,
      empty: 'There are no operations.',
    });
    warnOfRest(run, list);
  });
}

const stepColumns: readonly Column<OperationStep>[] = [
  { name: 'step', value: (row) => row.name, shown: true },
  {
    name: 'status',
    value: (row) => row.status,
    tone: (row) => (row.status === 'failed' ? 'bad' : row.status === 'done' ? 'good' : 'doubtful'),
    shown: true,
  },
  {
    name: 'took',
    value: (row) =>
      row.endedAt === null ? '' : duration(Date.parse(row.endedAt) - Date.parse(row.startedAt)),
    right: true,
    shown: true,
  },
  { name: 'message', value: (row) => row.message ?? '', shown: true },
];

function addShow(group: Command, io: CliIo): void {
  const command = group
    .command('show')
    .argument('<operation>', 'identifier')
    .description('show an operation: steps, cause of failure, result');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('getOperation', { params: { id } });
    await printOperation(run, value);
  });
}

async function printOperation(run: Run, value: Operation): Promise<void> {
  const { items, failure } = value;
  const hostName = run.format === 'table' && value.hostId !== null ? await hostNames(run) : String;
  await printObject(run, {
    document: value,
    handle: value.id,
    facts: [
      ['Operation', value.id],
      ['Action', value.action],
      ['Target', `${value.target.kind} ${value.target.name}`],
      ['Host', value.hostId === null ? null : hostName(value.hostId)],
      ['Status', value.status, TONE_OF[value.status]],
      ['Progress', value.progressPercent === null ? null : `${Math.round(value.progressPercent)} %`],
      [
        'Items',
        items === null
          ? null
          : `${items.total}: ${items.succeeded} succeeded, ${items.failed} failed, ${items.cancelled} cancelled`,
      ],
      ['Failure', failure === null ? null : `${failure.message} (${failure.code})`, 'bad'],
      ['Hint', failure?.hint],
      ['Attempts', String(value.attempts)],
      ['Asked by', value.requestedBy],
      ['Created', moment(value.createdAt)],
      ['Took', tookText(value, run.io.now())],
      ['Part of', value.parentId],
      ['Result', value.result === null ? null : JSON.stringify(value.result)],
    ],
    sections: [tableSection(run, 'Steps', stepColumns, value.steps)],
  });
}

function addWait(group: Command, io: CliIo, verb: 'wait' | 'follow'): void {
  const command = group
    .command(verb)
    .argument('<operations...>', 'identifiers')
    .description(
      verb === 'wait'
        ? 'wait until operations have ended; the exit code tells how'
        : 'show the progress of operations until they have ended',
    )
    .option('--timeout <seconds>', 'stop waiting after this time (exit code 7)', wholeNumber);
  addOutputOptions(command);
  command.action(async (ids: string[], options: { timeout?: number }, self: Command) => {
    const asked = openRun(io, self);
    const operations = await Promise.all(
      ids.map(async (id) => (await asked.call('getOperation', { params: { id } })).value),
    );
    const silent: Run = verb === 'wait' ? { ...asked, format: 'quiet' } : asked;
    const ended = await waitForOperations(
      silent,
      operations.map((operation) => ({ title: describeOperation(operation), operation })),
      options,
    );
    if (asked.format === 'json' || asked.format === 'yaml')
      await printDocument(asked, ended.length === 1 ? ended[0] : ended);
    else if (asked.format === 'table')
      for (const each of ended) say(asked, `${describeOperation(each)}: ${each.status}`);
    for (const each of ended) throwUnlessSucceeded(each);
  });
}

function addCancel(group: Command, io: CliIo): void {
  const command = group
    .command('cancel')
    .argument('<operation>', 'identifier')
    .description('ask an operation to stop where that is safe');
  addOutputOptions(command);
  command.action(async (id: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('cancelOperation', { params: { id }, body: {} });
    if (run.format === 'json' || run.format === 'yaml') await printDocument(run, value.operation);
    else say(run, `${describeOperation(value.operation)}: ${value.operation.status}`);
  });
}
