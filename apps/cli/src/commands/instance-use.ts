import type { UseSample } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import {
  addListOptions,
  addOutputOptions,
  chooseColumns,
  type ListOptions,
  wholeNumber,
} from '../options.ts';
import { bytes, moment } from '../output/figures.ts';
import { type Fact, printDocument, printList, printObject, say, write } from '../output/print.ts';
import { safeBlock } from '../output/safe-text.ts';
import type { Column } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';

/** The first sample has no rates yet; the second comes two seconds later. */
const RATE_TRIES = 20;
const ASK_AGAIN_MS = 500;

/** `instance use`: what an instance takes now. */
export function addInstanceUse(parent: Command, io: CliIo): void {
  const command = parent
    .command('use')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('show what an instance uses now: processor, memory, disk, network');
  addOutputOptions(command);
  command.action(async (name: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, name);
    const value = await look(run, id);
    if (value.sample === null) say(run, value.failure ?? 'The host has not told yet; try again.');
    await printObject(run, {
      document: value,
      handle: id,
      facts: value.sample === null ? [] : factsOf(value.sample),
    });
  });
}

async function look(run: Run, id: string) {
  for (let tries = 1; ; tries += 1) {
    const { value } = await run.call('getInstanceUse', { params: { id }, query: { waitSeconds: 15 } });
    const { sample, failure } = value;
    if (failure !== null || (sample !== null && sample.cpuPercent !== null) || tries >= RATE_TRIES)
      return value;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    run.signal.throwIfAborted();
  }
}

function factsOf(sample: UseSample): readonly Fact[] {
  const rate = (value: number | null) => (value === null ? '?' : `${bytes(value)}/s`);
  const of = (total: number | null) => (total === null ? '' : ` of ${bytes(total)}`);
  return [
    ['At', moment(sample.at)],
    ['Processor', sample.cpuPercent === null ? '?' : `${sample.cpuPercent.toFixed(1)} % of one CPU`],
    ['Processor time', `${sample.cpuSeconds.toFixed(1)} s`],
    ['Processes', String(sample.processes)],
    ['Memory', `${bytes(sample.memoryBytes)}${of(sample.memoryTotalBytes)}`],
    ['Swap', sample.swapBytes === 0 ? null : bytes(sample.swapBytes)],
    ...sample.disks.map(
      ({ name, usedBytes, totalBytes }): Fact => [`Disk ${name}`, `${bytes(usedBytes)}${of(totalBytes)}`],
    ),
    ...sample.networks.map(
      (each): Fact => [
        `Network ${each.name}`,
        `in ${rate(each.receivedBytesPerSecond)} (${bytes(each.receivedBytes)}), out ${rate(each.sentBytesPerSecond)} (${bytes(each.sentBytes)})`,
      ],
    ),
  ];
}

type Log = Readonly<{ name: string; sizeBytes: number | null }>;
const COLUMNS: readonly Column<Log>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  {
    name: 'size',
    value: (row) => (row.sizeBytes === null ? '?' : bytes(row.sizeBytes)),
    right: true,
    shown: true,
  },
];

/** `instance log list|show`: what the host keeps of an instance. */
export function addInstanceLog(parent: Command, io: CliIo): void {
  const group = parent.command('log').description('logs that the host keeps of an instance, and its console');
  const list = group
    .command('list')
    .alias('ls')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('list the logs of an instance');
  addListOptions(list, { columns: COLUMNS });
  list.action(async (name: string, options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { id } = await findInstance(run, name);
    const { value } = await run.call('listInstanceLogs', { params: { id } });
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.name,
      header: options.header,
      empty: 'The host keeps no logs of it.',
    });
  });
  const show = group
    .command('show')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('[log]', 'name of the log; `console` is what the guest wrote to its console', 'console')
    .description('show the end of a log')
    .option('--bytes <number>', 'how much of it, up to 1048576 (default: 65536)', wholeNumber);
  addOutputOptions(show);
  addExamples(
    show,
    'longshore instance log show web1',
    'longshore instance log show web1 lxc.log --bytes 4096',
  );
  show.action(async (name: string, log: string, options: { bytes?: number }, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, name);
    const client = await run.client();
    const response = await client.download('readInstanceLog', {
      params: { id, name: log },
      query: options.bytes === undefined ? {} : { bytes: options.bytes },
      signal: run.signal,
    });
    const text = await response.text();
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, { name: log, text });
    // A guest writes what it likes: nothing of it may move the cursor or set colours of the terminal.
    write(run, safeBlock(text.endsWith('\n') || text === '' ? text : `${text}\n`));
  });
}
