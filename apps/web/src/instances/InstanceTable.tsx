import type { InstancePage } from '@longshore/contract';
import { UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useCallback, useRef } from 'react';
import { sortOf } from '../parts/SortHeader.tsx';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';
import type { Column } from './column-memory.ts';
import { COLUMN_CELLS } from './columns.tsx';
import classes from './InstanceTable.module.css';
import { InstanceTableRow, ROW_PX } from './InstanceTableRow.tsx';
import type { InstanceRow } from './match-filter.ts';
import type { RowPower } from './RowActions.tsx';
import { SORTS } from './sort-rows.ts';
import { useRowKeys } from './use-row-keys.ts';

/** On a phone name, state and actions share the width of the window. */
const NARROW = '(max-width: 30em)';
const NARROW_PX: Partial<Record<Column, number>> = { name: 118, status: 116 };

const CHECK_PX = 40;
const ACTIONS_PX = 84;

type Props = Readonly<{
  rows: readonly InstanceRow[];
  hosts: InstancePage['hosts'];
  columns: readonly Column[];
  sort: string;
  setSort: (sort: string) => void;
  chosen: ReadonlySet<string>;
  choose: (change: (now: ReadonlySet<string>) => ReadonlySet<string>) => void;
  selected: string | undefined;
  select: (id: string) => void;
  factsOf: (row: InstanceRow) => InstanceFacts;
  power: (action: RowPower, row: InstanceRow) => void;
}>;

const estimateSize = () => ROW_PX;

/** The table of instances: only the rows in sight are in the page, so ten thousand scroll like ten. */
export function InstanceTable({
  rows,
  hosts,
  columns,
  sort,
  setSort,
  chosen,
  choose,
  selected,
  select,
  factsOf,
  power,
}: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  // The virtualizer measures all rows anew when this function is another one: some 20 ms for 10,000, with each turn of the wheel.
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? index, [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey,
    overscan: 8,
    // A forced, synchronous drawing with each scroll event would take the frame from the scrolling itself.
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const now = sortOf(sort);
  const everyChosen = rows.length > 0 && rows.every((row) => chosen.has(row.id));
  const chooseAll = () => choose(() => (everyChosen ? new Set() : new Set(rows.map((row) => row.id))));
  const isNarrow = useMediaQuery(NARROW);
  const widthOf = (column: Column) =>
    (isNarrow ? NARROW_PX[column] : undefined) ?? COLUMN_CELLS[column].widthPx;
  const widthPx = columns.reduce((sum, column) => sum + widthOf(column), CHECK_PX + ACTIONS_PX);
  const toggle = useCallback(
    (id: string) =>
      choose((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [choose],
  );
  useRowKeys({ scroller, rows, scrollTo: virtual.scrollToIndex, toggle });
  const { history } = useRouter();
  // The links of the rows are plain; a plain click stays in the page.
  const follow = (event: MouseEvent) => {
    const { target } = event;
    if (!(target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = target.closest('a')?.getAttribute('href');
    if (href === null || href === undefined) return;
    event.preventDefault();
    history.push(href);
  };
  return (
    // Scrollable by keyboard: https://www.w3.org/WAI/ARIA/apg/practices/ on scrollable regions.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label={t.shell.instances}>
      <table className={classes.table} style={{ minWidth: widthPx }} aria-rowcount={rows.length + 1}>
        <colgroup>
          <col style={{ width: CHECK_PX }} />
          {columns.map((column) => (
            <col key={column} style={{ width: widthOf(column) }} />
          ))}
          <col style={{ width: ACTIONS_PX }} />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th>
              <input
                type="checkbox"
                className={classes.check}
                aria-label={t.instances.chooseAll}
                checked={everyChosen}
                ref={(box) => {
                  if (box !== null) box.indeterminate = !everyChosen && chosen.size > 0;
                }}
                onChange={chooseAll}
              />
            </th>
            {columns.map((column) => (
              <th
                key={column}
                aria-sort={now.field === column ? (now.descending ? 'descending' : 'ascending') : undefined}
              >
                {SORTS.includes(column) ? (
                  <UnstyledButton
                    fz="sm"
                    fw={700}
                    onClick={() => setSort(now.field === column && !now.descending ? `-${column}` : column)}
                  >
                    {t.instances.columns[column]}{' '}
                    {now.field === column &&
                      (now.descending ? (
                        <IconChevronDown size={13} aria-hidden />
                      ) : (
                        <IconChevronUp size={13} aria-hidden />
                      ))}
                  </UnstyledButton>
                ) : (
                  t.instances.columns[column]
                )}
              </th>
            ))}
            <th>
              <span className={classes.unseen}>{t.instances.actions}</span>
            </th>
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click on it */}
        <tbody onClick={follow}>
          {before > 0 && (
            <tr aria-hidden style={{ height: before }}>
              <td colSpan={columns.length + 2} />
            </tr>
          )}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <InstanceTableRow
                key={row.id}
                row={row}
                index={item.index}
                hosts={hosts}
                columns={columns}
                isChosen={chosen.has(row.id)}
                isSelected={selected === row.id}
                toggle={toggle}
                select={select}
                facts={factsOf(row)}
                power={power}
              />
            );
          })}
          {after > 0 && (
            <tr aria-hidden style={{ height: after }}>
              <td colSpan={columns.length + 2} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
