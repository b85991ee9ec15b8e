import type { Host } from '@longshore/contract';
import { Button, Card, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { LinkTo } from '../parts/LinkTo.tsx';
import { percentOf, sizeText } from '../parts/size-text.ts';
import { t } from '../texts/texts.ts';

/** So many hosts at first: those with the least room are what one looks for. */
const SHOWN_FIRST = 12;

type Use = Readonly<{ memory: number; disk: number; memoryText: string; diskText: string; cpu: number }>;

function capacityOf(host: Host): Use | null {
  const { resources } = host;
  if (resources === null) return null;
  const sized = resources.pools.filter((pool) => pool.totalBytes !== null && pool.usedBytes !== null);
  const total = sized.reduce((sum, pool) => sum + (pool.totalBytes ?? 0), 0);
  const used = sized.reduce((sum, pool) => sum + (pool.usedBytes ?? 0), 0);
  return {
    memory: percentOf(resources.memoryUsedBytes, resources.memoryTotalBytes),
    memoryText: `${sizeText(resources.memoryUsedBytes)} / ${sizeText(resources.memoryTotalBytes)}`,
    disk: percentOf(used, total),
    diskText: total === 0 ? t.overview.unknownSize : `${sizeText(used)} / ${sizeText(total)}`,
    cpu: resources.cpuThreads,
  };
}

/** Memory, disk and processors of each host, the fullest first. */
export function HostCapacity({ hosts }: Readonly<{ hosts: readonly Host[] }>) {
  const [all, setAll] = useState(false);
  const known = hosts
    .flatMap((host) => {
      const use = capacityOf(host);
      return use === null ? [] : [{ host, use }];
    })
    .sort((a, b) => Math.max(b.use.memory, b.use.disk) - Math.max(a.use.memory, a.use.disk));
  if (known.length === 0) return null;
  const shown = all ? known : known.slice(0, SHOWN_FIRST);
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="sm">
        {t.overview.capacity}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} verticalSpacing="md" spacing="xl">
        {shown.map(({ host, use }) => (
          <Stack key={host.id} gap={4}>
            <Group justify="space-between">
              <LinkTo to="/hosts/$id" params={{ id: host.id }}>
                {host.name}
              </LinkTo>
              <Text size="xs" c="dimmed">
                {t.overview.hostLine(host.instances.running, host.instances.total, use.cpu)}
              </Text>
            </Group>
            <Bar label={t.overview.memory} of={host.name} percent={use.memory} text={use.memoryText} />
            <Bar label={t.overview.disk} of={host.name} percent={use.disk} text={use.diskText} />
          </Stack>
        ))}
      </SimpleGrid>
      {known.length > shown.length && (
        <Button mt="md" variant="default" size="xs" onClick={() => setAll(true)}>
          {t.overview.showAllHosts(known.length)}
        </Button>
      )}
    </Card>
  );
}

function Bar({
  label,
  of,
  percent,
  text,
}: Readonly<{ label: string; of: string; percent: number; text: string }>) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="xs" w={58}>
        {label}
      </Text>
      <Progress
        value={percent}
        color={percent >= 90 ? 'red' : percent >= 75 ? 'orange' : 'cyan'}
        flex={1}
        size="md"
        aria-label={`${label} ${of}`}
      />
      <Text size="xs" w={124} ta="right">
        {text}
      </Text>
    </Group>
  );
}
