import type { UseHistory } from '@longshore/contract';
import { Card, Group, SegmentedControl, SimpleGrid, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Read } from '../parts/QueryStates.tsx';
import { sizeText } from '../parts/size-text.ts';
import { numberText, t } from '../texts/texts.ts';
import { historyQuery, type Range } from './history-query.ts';
import { PLOT_COLORS } from './plot-colors.ts';
import { latest } from './plot-math.ts';
import { TimePlot } from './TimePlot.tsx';

/** Processor, memory and disk over time, of one host or of the whole fleet (`hostId` null). */
export function UseHistoryPlots({ hostId, title }: Readonly<{ hostId: string | null; title: string }>) {
  const [range, setRange] = useState<Range>('hour');
  const query = useQuery({ ...historyQuery(hostId, range), placeholderData: keepPreviousData });
  return (
    <Card withBorder>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t.plots.range}
          value={range}
          onChange={(value) => setRange(value === 'day' || value === 'month' ? value : 'hour')}
          data={(['hour', 'day', 'month'] as const).map((value) => ({ value, label: t.plots.ranges[value] }))}
        />
      </Group>
      <Read query={query}>
        {(history) =>
          history.points.length === 0 ? <Text size="sm">{t.plots.none}</Text> : <Plots {...history} />
        }
      </Read>
    </Card>
  );
}

function Plots({ from, to, stepSeconds, points }: UseHistory) {
  const [color] = PLOT_COLORS;
  const shared = {
    times: points.map(({ at }) => Date.parse(at)),
    span: { fromMs: Date.parse(from), toMs: Date.parse(to) },
    gapMs: stepSeconds * 2500,
  };
  const line = (values: readonly (number | null)[]) => [{ name: t.plots.used, color, values }];
  const top = (values: readonly (number | null)[]) => latest(values) ?? undefined;
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
      <TimePlot
        {...shared}
        title={t.plots.cpu}
        top={100}
        series={line(points.map(({ cpuPercent }) => cpuPercent))}
        format={(value) => `${numberText(Math.round(value * 10) / 10)} %`}
      />
      <TimePlot
        {...shared}
        title={t.plots.memory}
        base={1024}
        top={top(points.map(({ memoryTotalBytes }) => memoryTotalBytes))}
        series={line(points.map(({ memoryUsedBytes }) => memoryUsedBytes))}
        format={sizeText}
      />
      <TimePlot
        {...shared}
        title={t.plots.disk}
        base={1024}
        top={top(points.map(({ diskTotalBytes }) => diskTotalBytes))}
        series={line(points.map(({ diskUsedBytes }) => diskUsedBytes))}
        format={sizeText}
      />
    </SimpleGrid>
  );
}
