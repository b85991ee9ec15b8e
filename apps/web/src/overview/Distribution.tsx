import { Card, Group, type MantineColor, RingProgress, Stack, Text, Title } from '@mantine/core';
import { IconCircleFilled } from '@tabler/icons-react';
import { LinkTo } from '../parts/LinkTo.tsx';

/** One part of a whole: how many, and where they are listed. */
export type Share = Readonly<{ label: string; count: number; color: MantineColor; filter: string }>;

/** A ring of states with its numbers beside it; each leads to the list that it counts. */
export function Distribution({
  title,
  total,
  shares,
  to,
}: Readonly<{ title: string; total: number; shares: readonly Share[]; to: '/hosts' | '/instances' }>) {
  const counted = shares.reduce((sum, share) => sum + share.count, 0);
  const sections = shares
    .filter((share) => share.count > 0)
    .map((share) => ({ value: (share.count / counted) * 100, color: share.color }));
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Group wrap="nowrap" align="center">
        <RingProgress
          size={132}
          thickness={14}
          sections={sections}
          aria-hidden
          label={
            <Text ta="center" fw={700} size="xl">
              {total}
            </Text>
          }
        />
        <Stack gap={4}>
          {shares.map((share) => (
            <Group key={share.label} gap={6} wrap="nowrap">
              <IconCircleFilled
                size={10}
                color={`var(--mantine-color-${share.color.replace('.', '-')})`}
                aria-hidden
              />
              <LinkTo to={to} search={{ filter: share.filter }}>
                {share.label}
              </LinkTo>
              <Text size="sm" fw={600}>
                {share.count}
              </Text>
            </Group>
          ))}
        </Stack>
      </Group>
    </Card>
  );
}
