import type { Operation } from '@longshore/contract';
import { Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operationQuery, operationsQuery } from '../live/fleet-queries.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { t } from '../texts/texts.ts';

/** How an action on many goes, and what came of each that failed. */
export function BulkResult({ id }: Readonly<{ id: string }>) {
  const operation = useQuery(operationQuery(id)).data;
  const failed = useQuery({
    ...operationsQuery(`parent:${id} status:failed,cancelled`, 20),
    enabled: (operation?.items?.failed ?? 0) > 0,
  }).data;
  if (operation?.items === undefined || operation.items === null) return null;
  const { total, succeeded } = operation.items;
  return (
    <Stack gap={4} mt="xs" role="status">
      <Group gap="xs">
        <Progress
          flex={1}
          maw={300}
          value={total === 0 ? 100 : ((succeeded + operation.items.failed) / total) * 100}
          aria-label={t.bulk.progress}
        />
        <Text size="sm">{t.bulk.result(succeeded, operation.items.failed, total)}</Text>
        <LinkTo to="/operations" search={{ filter: `parent:${id}`, selected: id }}>
          {t.bulk.each}
        </LinkTo>
      </Group>
      {(failed?.items ?? []).map((item: Operation) => (
        <Text key={item.id} size="sm">
          <b>{item.target.name}</b>: {item.failure?.message ?? t.status[item.status]}
        </Text>
      ))}
    </Stack>
  );
}
