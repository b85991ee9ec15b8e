import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table of a few hundred rows at most: heads, and rows of cells. Narrow windows scroll it sideways. */
export function PlainTable({
  label,
  heads,
  minWidth = 720,
  children,
}: Readonly<{ label: string; heads: readonly string[]; minWidth?: number; children: ReactNode }>) {
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** One row of it. */
export function PlainRow({
  cells,
}: Readonly<{ cells: readonly (readonly [id: string, cell: ReactNode])[] }>) {
  return (
    <Table.Tr>
      {cells.map(([id, cell]) => (
        <Table.Td key={id}>{cell}</Table.Td>
      ))}
    </Table.Tr>
  );
}
