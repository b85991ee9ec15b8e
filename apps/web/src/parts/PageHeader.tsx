import { Group, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

/** The heading of a page, with its actions; also the title of the tab. */
export function PageHeader({
  title,
  beside,
  children,
}: Readonly<{ title: string; beside?: ReactNode; children?: ReactNode }>) {
  useEffect(() => {
    document.title = `${title} · Longshore`;
  }, [title]);
  return (
    <Group justify="space-between" mb="md" gap="sm">
      <Group gap="sm">
        <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {beside}
      </Group>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
