import { say } from '../output/print.ts';
import type { Run } from '../run.ts';

/** Says that `--limit` has cut a table off, so that nobody takes it for all. */
export function warnOfRest(
  run: Run,
  list: Readonly<{ items: readonly unknown[]; next: string | null; total: number | null }>,
): void {
  if (list.next === null || run.format !== 'table') return;
  say(run, `… the first ${list.items.length}${list.total === null ? '' : ` of ${list.total}`}`);
}
