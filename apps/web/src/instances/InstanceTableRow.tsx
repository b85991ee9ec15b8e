import type { InstancePage } from '@longshore/contract';
import { memo } from 'react';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';
import type { Column } from './column-memory.ts';
import { COLUMN_CELLS } from './columns.tsx';
import classes from './InstanceTable.module.css';
import type { InstanceRow } from './match-filter.ts';
import { RowActions, type RowPower } from './RowActions.tsx';

export const ROW_PX = 40;

type Props = Readonly<{
  row: InstanceRow;
  index: number;
  hosts: InstancePage['hosts'];
  columns: readonly Column[];
  isChosen: boolean;
  isSelected: boolean;
  toggle: (id: string) => void;
  select: (id: string) => void;
  facts: InstanceFacts;
  power: (action: RowPower, row: InstanceRow) => void;
}>;

/** One row; a click beside its links and buttons opens the panel, which the instance's own page says more than. */
function Row({ row, index, hosts, columns, isChosen, isSelected, toggle, select, facts, power }: Props) {
  return (
    <tr
      aria-rowindex={index + 2}
      data-selected={isSelected}
      data-chosen={isChosen}
      style={{ height: ROW_PX }}
      onClick={({ target }) => {
        if (target instanceof Element && target.closest('a, button, input') === null) select(row.id);
      }}
    >
      <td>
        <input
          type="checkbox"
          className={classes.check}
          aria-label={t.instances.choose(row.name)}
          checked={isChosen}
          onChange={() => toggle(row.id)}
        />
      </td>
      {columns.map((column) => (
        <td key={column}>{COLUMN_CELLS[column].cell(row, hosts)}</td>
      ))}
      <td>
        <RowActions row={row} facts={facts} power={power} />
      </td>
    </tr>
  );
}

/** Drawn again only when something that it shows has changed, not whenever the table scrolls. */
export const InstanceTableRow = memo(
  Row,
  (a, b) =>
    a.row === b.row &&
    a.index === b.index &&
    a.columns === b.columns &&
    a.isChosen === b.isChosen &&
    a.isSelected === b.isSelected &&
    a.toggle === b.toggle &&
    a.select === b.select &&
    a.power === b.power &&
    a.hosts[a.row.hostId]?.status === b.hosts[b.row.hostId]?.status &&
    a.facts.hostMaintenance === b.facts.hostMaintenance &&
    String(a.facts.permissions) === String(b.facts.permissions),
);
