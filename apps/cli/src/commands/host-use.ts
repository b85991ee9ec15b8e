import type { UsePoint } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findHost } from '../naming/find-host.ts';
import { addListOptions, chooseColumns, type ListOptions, wholeNumber } from '../options.ts';
import { bytes, moment } from '../output/figures.ts';
import { printList } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';

const size = (value: number | null) => (value === null ? '?' : bytes(value));

const COLUMNS: readonly Column<UsePoint>[] = [
  { name: 'at', value: (row) => moment(row.at), shown: true },
  {
    name: 'cpu',
    value: (row) => (row.cpuPercent === null ? '?' : `${row.cpuPercent.toFixed(1)} %`),
    right: true,
    shown: true,
  },
  { name: 'memory', value: (row) => size(row.memoryUsedBytes), right: true, shown: true },
  { name: 'of', value: (row) => size(row.memoryTotalBytes), right: true, shown: true },
  { name: 'disk', value: (row) => size(row.diskUsedBytes), right: true, shown: true },
  { name: 'disk-of', value: (row) => size(row.diskTotalBytes), right: true, shown: true },
];

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `host use`: what a host, or the fleet, used over time. */
export function addHostUse(group: Command, io: CliIo): void {
  const command = group
    .command('use')
    .argument('[host]', 'name or identifier (default: all hosts together)')
    .description('show the use of processor, memory and disk over time, up to 30 days')
    .option('--last <span>', 'how far back: 90m, 12h, 30d', '1h')
    .option('--step <seconds>', 'one line for so long (default: as many as are readable)', wholeNumber);
  addListOptions(command, { columns: COLUMNS });
  addExamples(command, 'longshore host use a --last 12h', 'longshore host use --last 30d --step 86400');
  command.action(
    async (
      name: string | undefined,
      options: ListOptions & { last: string; step?: number },
      self: Command,
    ) => {
      const run = openRun(io, self);
      const columns = chooseColumns(COLUMNS, options.columns);
      const query = {
        from: new Date(io.now().getTime() - spanOf(options.last)).toISOString(),
        ...(options.step === undefined ? {} : { step: options.step }),
      };
      const { value } =
        name === undefined
          ? await run.call('getFleetUse', { query })
          : await run.call('getHostUse', { params: { id: (await findHost(run, name)).id }, query });
      await printList(run, {
        rows: value.points,
        columns,
        document: value,
        handle: (row) => row.at,
        header: options.header,
        empty: 'Nothing was measured in that time.',
      });
    },
  );
}

function spanOf(text: string): number {
  const span = /^([1-9][0-9]{0,5})([mhd])$/.exec(text);
  const unit = span?.[2];
  if (unit === 'm' || unit === 'h' || unit === 'd') return Number(span?.[1]) * UNIT_MS[unit];
  throw new CliError('usage', `"${text}" is no span of time.`, { hint: 'Write 90m, 12h or 30d.' });
}
