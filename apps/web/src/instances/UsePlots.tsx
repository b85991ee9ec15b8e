import type { Instance, UseSample } from '@longshore/contract';
import { Alert, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loading, Problem } from '../parts/QueryStates.tsx';
import { percentOf, sizeText } from '../parts/size-text.ts';
import { PLOT_COLORS } from '../plots/plot-colors.ts';
import { TimePlot } from '../plots/TimePlot.tsx';
import { numberText, t } from '../texts/texts.ts';
import { liveUseQuery, SAMPLE_MS } from './live-use.ts';
import { SHOWN_MS } from './use-samples.ts';

/** What an instance uses now, every two seconds: processor, memory, disk and network. */
export function UsePlots({ instance }: Readonly<{ instance: Instance }>) {
  const isUp = instance.status === 'running' || instance.status === 'frozen';
  const enabled = isUp && instance.host.status === 'online';
  const query = useQuery({ ...liveUseQuery(instance.id), enabled });
  return (
    <Card withBorder>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {t.plots.use}
        </Title>
        {query.data?.samples.at(-1) !== undefined && enabled && (
          <Text size="xs" c="dimmed">
            {t.plots.processes(query.data.samples.at(-1)?.processes ?? 0)}
          </Text>
        )}
      </Group>
      {!enabled ? (
        <Text size="sm">{isUp ? t.plots.hostSilent(instance.host.name) : t.plots.notUp}</Text>
      ) : query.data === undefined ? (
        query.error === null ? (
          <Loading />
        ) : (
          <Problem error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <>
          {query.data.failure !== null && (
            <Alert color="orange" variant="outline" mb="sm">
              {query.data.failure}
            </Alert>
          )}
          <Plots samples={query.data.samples} />
        </>
      )}
    </Card>
  );
}

function Plots({ samples }: Readonly<{ samples: readonly UseSample[] }>) {
  const last = samples.at(-1);
  if (last === undefined) return <Text size="sm">{t.plots.waiting}</Text>;
  const times = samples.map(({ at }) => Date.parse(at));
  const toMs = Date.parse(last.at);
  const shared = { times, span: { fromMs: toMs - SHOWN_MS, toMs }, gapMs: SAMPLE_MS * 4 };
  const [first, second] = PLOT_COLORS;
  const sum = (of: (sample: UseSample) => readonly (number | null)[]) =>
    samples.map((sample) => {
      const known = of(sample).filter((value) => value !== null);
      return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
    });
  const rates = (of: (network: UseSample['networks'][number]) => number | null) =>
    sum((sample) => sample.networks.filter(({ name }) => name !== 'lo').map(of));
  const perSecond = (value: number) => t.plots.perSecond(sizeText(value));
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <TimePlot
          {...shared}
          title={t.plots.cpu}
          series={[{ name: t.plots.used, color: first, values: samples.map(({ cpuPercent }) => cpuPercent) }]}
          format={(value) => `${numberText(Math.round(value * 10) / 10)} %`}
        />
        <TimePlot
          {...shared}
          title={t.plots.memory}
          top={last.memoryTotalBytes ?? undefined}
          base={1024}
          series={[
            { name: t.plots.used, color: first, values: samples.map(({ memoryBytes }) => memoryBytes) },
          ]}
          format={sizeText}
        />
        <TimePlot
          {...shared}
          title={t.plots.network}
          base={1024}
          series={[
            {
              name: t.plots.received,
              color: first,
              values: rates(({ receivedBytesPerSecond }) => receivedBytesPerSecond),
            },
            {
              name: t.plots.sent,
              color: second,
              values: rates(({ sentBytesPerSecond }) => sentBytesPerSecond),
            },
          ]}
          format={perSecond}
        />
        <TimePlot
          {...shared}
          title={t.plots.disk}
          base={1024}
          top={totalOf(last)}
          series={[
            {
              name: t.plots.used,
              color: first,
              values: sum(({ disks }) => disks.map(({ usedBytes }) => usedBytes)),
            },
          ]}
          format={sizeText}
        />
      </SimpleGrid>
      {last.memoryTotalBytes !== null && (
        <Text size="xs" c="dimmed" mt="xs">
          {t.plots.memoryShare(percentOf(last.memoryBytes, last.memoryTotalBytes))}
        </Text>
      )}
    </>
  );
}

function totalOf({ disks }: UseSample): number | undefined {
  const total = disks.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
  return total > 0 ? total : undefined;
}
