import { Group, Progress, Stack, Text } from '@mantine/core';
import { percentOf } from '../parts/size-text.ts';
import { t } from '../texts/texts.ts';

/** What a project uses of one of its quotas; without one, only what it uses. Full is said in words too, not by colour alone. */
export function QuotaBar({
  label,
  used,
  limit,
  text,
}: Readonly<{ label: string; used: number; limit: number | null; text: (value: number) => string }>) {
  const percent = limit === null ? 0 : limit === 0 ? 100 : percentOf(used, limit);
  const isFull = limit !== null && used >= limit;
  const color = isFull ? 'red.7' : percent >= 80 ? 'orange.7' : 'cyan.7';
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs">{label}</Text>
        <Text size="xs" {...(isFull ? { c: 'var(--longshore-warn)', fw: 600 } : { c: 'dimmed' })}>
          {limit === null ? text(used) : `${text(used)} / ${text(limit)}`}
          {isFull ? ` (${t.projects.full})` : ''}
        </Text>
      </Group>
      {limit !== null && (
        <Progress value={percent} color={color} size="sm" aria-label={`${label}: ${percent} %`} />
      )}
    </Stack>
  );
}
