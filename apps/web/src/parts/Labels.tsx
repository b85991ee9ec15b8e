import type { Labels as LabelRecord } from '@longshore/contract';
import { Code, Group } from '@mantine/core';
import { tagsOfLabels } from './label-tags.ts';

/** Labels as they are written in a filter. */
export function Labels({ labels, wrap = true }: Readonly<{ labels: LabelRecord; wrap?: boolean }>) {
  return (
    <Group gap={4} wrap={wrap ? 'wrap' : 'nowrap'}>
      {tagsOfLabels(labels).map((tag) => (
        <Code key={tag}>{tag}</Code>
      ))}
    </Group>
  );
}
