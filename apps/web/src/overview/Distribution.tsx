import { Card, Group, type MantineColor, Stack, Text, Title } from '@mantine/core';
import { IconCircleFilled } from '@tabler/icons-react';
import { LinkTo } from '../parts/LinkTo.tsx';
import { numberText } from '../texts/texts.ts';

/** One part of a whole: how many, and where they are listed. */
export type Share = Readonly<{ label: string; count: number; color: MantineColor; filter: string }>;

/** A ring of states with its numbers beside it; each leads to the list that it counts. */
export function Distribution({
  title,
  total,
  shares,
  to,
}: Readonly<{ title: string; total: number; shares: readonly Share[]; to: '/hosts' | '/instances' }>) {
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Group wrap="nowrap" align="center">
        <Ring total={total} shares={shares} />
        <Stack gap={4}>
          {shares.map((share) => (
            <Group key={share.label} gap={6} wrap="nowrap">
              <IconCircleFilled size={10} color={cssColor(share.color)} aria-hidden />
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

const SIZE_PX = 132;
const THICK_PX = 14;
const RADIUS_PX = (SIZE_PX - THICK_PX) / 2;
const AROUND_PX = 2 * Math.PI * RADIUS_PX;

/** The shares as a ring. The library's own brings its tooltips, which weigh more than this page. */
function Ring({ total, shares }: Readonly<{ total: number; shares: readonly Share[] }>) {
  const counted = Math.max(
    1,
    shares.reduce((sum, share) => sum + share.count, 0),
  );
  let before = 0;
  return (
    <svg width={SIZE_PX} height={SIZE_PX} viewBox={`0 0 ${SIZE_PX} ${SIZE_PX}`} aria-hidden>
      <g fill="none" strokeWidth={THICK_PX} transform={`rotate(-90 ${SIZE_PX / 2} ${SIZE_PX / 2})`}>
        <circle
          cx={SIZE_PX / 2}
          cy={SIZE_PX / 2}
          r={RADIUS_PX}
          stroke="var(--mantine-color-default-border)"
        />
        {shares.map((share) => {
          const length = (share.count / counted) * AROUND_PX;
          const offset = -before;
          before += length;
          return (
            <circle
              key={share.label}
              cx={SIZE_PX / 2}
              cy={SIZE_PX / 2}
              r={RADIUS_PX}
              stroke={cssColor(share.color)}
              strokeDasharray={`${length} ${AROUND_PX - length}`}
              strokeDashoffset={offset}
            />
          );
        })}
      </g>
      <text
        x="50%"
        y="50%"
        textAnchor="middle"
        dominantBaseline="central"
        fill="currentColor"
        fontSize={20}
        fontWeight={700}
      >
        {numberText(total)}
      </text>
    </svg>
  );
}

function cssColor(color: MantineColor): string {
  return `var(--mantine-color-${color.replace('.', '-')})`;
}
