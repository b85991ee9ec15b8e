import type { AuditEntry } from '@longshore/contract';
import { Badge, Group, Text } from '@mantine/core';
import { t } from '../texts/texts.ts';

/** Whether it was done, or what kept it from being done. */
export function AuditResult({ entry }: Readonly<{ entry: AuditEntry }>) {
  const isOk = entry.code === null;
  return (
    <Group gap={4}>
      <Badge
        variant="outline"
        color={isOk ? 'green' : 'orange'}
        styles={{ label: { color: 'var(--mantine-color-text)' } }}
      >
        {isOk ? t.audit.ok : t.audit.refused}
      </Badge>
      {!isOk && <Text size="xs">{entry.code}</Text>}
    </Group>
  );
}
