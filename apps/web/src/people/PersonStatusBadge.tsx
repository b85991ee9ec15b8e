import type { PersonStatus } from '@longshore/contract';
import { Badge, type MantineColor } from '@mantine/core';
import { t } from '../texts/texts.ts';

const COLORS: Readonly<Record<PersonStatus, MantineColor>> = {
  pending: 'orange',
  active: 'green',
  blocked: 'red',
};

/** Whether a person waits, is in, or is shut out: a word, coloured. */
export function PersonStatusBadge({ status }: Readonly<{ status: PersonStatus }>) {
  return (
    <Badge
      variant="outline"
      color={COLORS[status]}
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {t.people.statuses[status]}
    </Badge>
  );
}
