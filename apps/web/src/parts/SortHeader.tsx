import { Table, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';

/** `sort` of a list without its direction, and whether it goes downwards. */
export function sortOf(sort: string): Readonly<{ field: string; descending: boolean }> {
  return sort.startsWith('-')
    ? { field: sort.slice(1), descending: true }
    : { field: sort, descending: false };
}

/** The head of a column that a table can be sorted by; a second press turns the order round. */
export function SortHeader({
  field,
  label,
  sort,
  change,
}: Readonly<{ field: string; label: string; sort: string; change: (sort: string) => void }>) {
  const now = sortOf(sort);
  const active = now.field === field;
  return (
    <Table.Th aria-sort={active ? (now.descending ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        fz="sm"
        fw={700}
        onClick={() => change(active && !now.descending ? `-${field}` : field)}
      >
        {label}{' '}
        {active &&
          (now.descending ? (
            <IconChevronDown size={14} aria-hidden />
          ) : (
            <IconChevronUp size={14} aria-hidden />
          ))}
      </UnstyledButton>
    </Table.Th>
  );
}
