import { AUDIT_FILTERS, type AuditEntry } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, chooseColumns, type ListOptions, wholeNumber } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printList } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun } from '../run.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** A screenful; the whole log may have millions. */
const USUAL_LIMIT = 50;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { name: 'at', value: (row) => moment(row.at), shown: true },
  { name: 'who', value: (row) => row.who.name || row.who.kind, shown: true },
  { name: 'action', value: (row) => actionOf(row), shown: true },
  { name: 'target', value: (row) => row.target.name || row.target.id, shown: true, shrinks: true },
  {
    name: 'result',
    value: (row) => row.code ?? 'ok',
    tone: (row) => (row.code === null ? undefined : 'bad'),
    shown: true,
  },
  { name: 'from', value: (row) => row.address, shown: true },
  { name: 'via', value: (row) => row.via, shown: false },
  { name: 'operation', value: (row) => row.operationId ?? '', shown: false },
  { name: 'id', value: (row) => row.id, shown: false },
];

/** What was done on a host past Longshore is told as the host tells it. */
function actionOf({ action, detail }: AuditEntry): string {
  return typeof detail.action === 'string' ? `${action}: ${detail.action}` : action;
}

type AuditOptions = ListOptions & Readonly<{ since?: string; until?: string }>;

/** `audit`. */
export function addAudit(program: Command, io: CliIo): void {
  const command = program.command('audit').description('who did what, the newest first');
  addListOptions(command, { columns: COLUMNS, filters: AUDIT_FILTERS });
  command
    .option('--limit <number>', `stop after so many (default: ${USUAL_LIMIT})`, wholeNumber)
    .option('--since <time>', 'from this moment on, such as 2026-11-30T12:00:00Z')
    .option('--until <time>', 'up to this moment');
  addExamples(
    command,
    "longshore audit --filter 'target:web1'",
    "longshore audit --filter 'who:anna result:refused' --limit 10",
  );
  command.action(async (options: AuditOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { filter, since, until } = options;
    const list = await collectPages(options.limit ?? USUAL_LIMIT, async (page) => {
      const query = {
        ...page,
        ...(filter === undefined ? {} : { filter }),
        ...(since === undefined ? {} : { from: since }),
        ...(until === undefined ? {} : { until }),
      };
      return (await run.call('listAudit', { query })).value;
    });
    await printList(run, {
      rows: list.items,
      columns,
      document: joinPages(list),
      handle: (row) => row.id,
      header: options.header,
      empty: 'Nothing fits.',
    });
    warnOfRest(run, list);
  });
}
