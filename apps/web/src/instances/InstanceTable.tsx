import type { InstancePage } from '@longshore/contract';
import { Checkbox, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';
import { sortOf } from '../parts/SortHeader.tsx';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';
import type { Column } from './column-memory.ts';
import { COLUMN_CELLS } from './columns.tsx';
import classes from './InstanceTable.module.css';
import type { InstanceRow } from './match-filter.ts';
import { PowerButtons } from './PowerButtons.tsx';
import { SORTS } from './sort-rows.ts';

/** On a phone name, state and actions share the width of the window. */
const NARROW = '(max-width: 30em)';
const NARROW_PX: Partial<Record<Column, number>> = { name: 118, status: 116 };

const ROW_PX = 40;
const CHECK_PX = 40;
const ACTIONS_PX = 84;

type Props = Readonly<{
  rows: readonly InstanceRow[];
  hosts: InstancePage['hosts'];
  columns: readonly Column[];
  sort: string;
  setSort: (sort: string) => void;
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
  selected: string | undefined;
  select: (id: string) => void;
  factsOf: (row: InstanceRow) => InstanceFacts;
}>;

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
}: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const now = sortOf(sort);
  const everyChosen = rows.length > 0 && rows.every((row) => chosen.has(row.id));
  const chooseAll = () => choose(everyChosen ? new Set() : new Set(rows.map((row) => row.id)));
  const isNarrow = useMediaQuery(NARROW);
  const widthOf = (column: Column) =>
    (isNarrow ? NARROW_PX[column] : undefined) ?? COLUMN_CELLS[column].widthPx;
  const widthPx = columns.reduce((sum, column) => sum + widthOf(column), CHECK_PX + ACTIONS_PX);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    choose(next);
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
              <Checkbox
                size="xs"
                aria-label={t.instances.chooseAll}
                checked={everyChosen}
                indeterminate={!everyChosen && chosen.size > 0}
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
        <tbody>
          {before > 0 && (
            <tr aria-hidden style={{ height: before }}>
              <td colSpan={columns.length + 2} />
            </tr>
          )}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <Row
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

type RowProps = Readonly<{
  row: InstanceRow;
  index: number;
  hosts: InstancePage['hosts'];
  columns: readonly Column[];
  isChosen: boolean;
  isSelected: boolean;
  toggle: (id: string) => void;
  select: (id: string) => void;
  facts: InstanceFacts;
}>;

/** A click beside the links opens the panel; the keyboard gets there by the row's own button. */
const Row = memo(
  function Row({ row, index, hosts, columns, isChosen, isSelected, toggle, select, facts }: RowProps) {
    return (
      <tr
        aria-rowindex={index + 2}
        data-selected={isSelected}
        data-chosen={isChosen}
        style={{ height: ROW_PX }}
        onClick={(event) => {
          // A dialog of the row is elsewhere in the page, but its clicks come by here.
          const { target, currentTarget } = event;
          if (!(target instanceof Element) || !currentTarget.contains(target)) return;
          if (target.closest('a, button, input') === null) select(row.id);
        }}
      >
        <td>
          <Checkbox
            size="xs"
            aria-label={t.instances.choose(row.name)}
            checked={isChosen}
            onChange={() => toggle(row.id)}
          />
        </td>
        {columns.map((column) => (
          <td key={column}>{COLUMN_CELLS[column].cell(row, hosts)}</td>
        ))}
        <td>
          <PowerButtons instance={row} facts={facts} compact />
        </td>
      </tr>
    );
  },
  (a, b) =>
    a.row === b.row &&
    a.index === b.index &&
    a.columns === b.columns &&
    a.isChosen === b.isChosen &&
    a.isSelected === b.isSelected &&
    a.toggle === b.toggle &&
    a.hosts[a.row.hostId]?.status === b.hosts[b.row.hostId]?.status &&
    a.facts.hostMaintenance === b.facts.hostMaintenance,
);
