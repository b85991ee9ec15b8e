import type { Operation } from '@longshore/contract';
import { Group, Progress, Stack, Text } from '@mantine/core';
import { LinkTo } from '../parts/LinkTo.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { operationTitle } from './operation-title.ts';

/** One operation in a few words: what, how far, and why it failed. */
export function OperationLine({
  operation,
  followed,
}: Readonly<{ operation: Operation; followed?: () => void }>) {
  const step = operation.steps.at(-1);
  return (
    <Stack gap={2} py={4}>
      <Group justify="space-between" wrap="nowrap">
        <LinkTo
          to="/operations"
          search={{ selected: operation.id }}
          {...(followed === undefined ? {} : { onClick: followed })}
        >
          {operationTitle(operation)}
        </LinkTo>
        <StatusBadge status={operation.status} />
      </Group>
      {operation.endedAt === null && (
        <Progress
          value={operation.progressPercent ?? 100}
          animated={operation.progressPercent === null}
          size="sm"
          aria-label={operationTitle(operation)}
        />
      )}
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {operation.failure?.message ?? step?.name ?? ''}
      </Text>
    </Stack>
  );
}
