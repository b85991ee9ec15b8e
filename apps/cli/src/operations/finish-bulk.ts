import type { BulkAction, Operation } from '@longshore/contract';
import { collectPages } from '../collect-pages.ts';
import type { InstanceRow } from '../naming/find-instances.ts';
import { newKey } from '../new-key.ts';
import type { WaitOptions } from '../options.ts';
import { printList } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import type { Run } from '../run.ts';
import { finishChange, throwUnlessSucceeded } from './finish-change.ts';
import { waitForOperations } from './wait-for-operations.ts';

const itemColumns: readonly Column<Operation>[] = [
  { name: 'instance', value: (row) => row.target.name, shown: true },
  {
    name: 'result',
    value: (row) => row.status,
    tone: (row) => (row.status === 'succeeded' ? 'good' : 'bad'),
    shown: true,
  },
  { name: 'reason', value: (row) => row.failure?.message ?? '', shown: true, shrinks: true },
];

/**
 * Does one action on many instances as one operation and prints a result for each.
 * @param doing in words: `stop`
 * @throws OperationFailed when any of them failed
 */
export async function finishBulk(
  run: Run,
  rows: readonly InstanceRow[],
  action: BulkAction,
  doing: string,
  options: WaitOptions & Readonly<{ perHost?: number }>,
): Promise<void> {
  const { value } = await run.call('bulk', {
    idempotencyKey: newKey(),
    body: {
      action,
      instances: rows.map((row) => row.id),
      ...(options.perHost === undefined ? {} : { perHost: options.perHost }),
    },
  });
  const { operation } = value;
  const title = `${doing} ${rows.length} instances`;
  if (!options.wait) {
    await finishChange(run, { operation, title }, options);
    return;
  }
  const [ended = operation] = await waitForOperations(run, [{ title, operation }], options);
  const { items } = await collectPages(undefined, async (page) => {
    const query = { filter: `parent:${operation.id}`, ...page };
    return (await run.call('listOperations', { query })).value;
  });
  await printList(run, {
    rows: [...items].sort((a, b) => (a.target.name < b.target.name ? -1 : 1)),
    columns: itemColumns,
    document: { operation: ended, items },
    handle: (row) => row.target.name,
    header: true,
    empty: 'Nothing was done.',
  });
  throwUnlessSucceeded(ended);
}
