import { Card, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { Age } from '../parts/Age.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Labels } from '../parts/Labels.tsx';
import { percentOf, sizeText } from '../parts/size-text.ts';
import { UseHistoryPlots } from '../plots/UseHistoryPlots.tsx';
import type { HostTabProps } from '../registry/room.ts';
import { t } from '../texts/texts.ts';
import { groupedFingerprint } from './grouped-fingerprint.ts';

/** What a host is and has, as last read. */
export function HostOverview({ host }: HostTabProps) {
  const { resources } = host;
  return (
    <Stack>
      <UseHistoryPlots hostId={host.id} title={t.plots.history} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <Title order={2} size="h5" mb="sm">
            {t.hosts.about}
          </Title>
          <Facts
            facts={[
              [t.hosts.version, `${t.hosts.kinds[host.kind]} ${host.version}`],
              [t.enrol.url, host.url],
              [
                t.enrol.fingerprint,
                host.fingerprint === null ? (
                  t.hosts.noFingerprint
                ) : (
                  <code key="f">{groupedFingerprint(host.fingerprint)}</code>
                ),
              ],
              [t.hosts.architectures, host.architectures.join(', ')],
              [t.hosts.projects, host.lxdProjects.join(', ')],
              [
                t.hosts.networks,
                host.networks
                  .filter((network) => network.managed)
                  .map((network) => network.name)
                  .join(', '),
              ],
              [
                t.labels.title,
                Object.keys(host.labels).length === 0 ? '' : <Labels key="l" labels={host.labels} />,
              ],
              [t.hosts.seen, <Age key="s" of={host.observedAt} old={host.status === 'unreachable'} />],
              [t.hosts.since, <Age key="i" of={host.statusSince} />],
            ]}
          />
        </Card>
        <Card withBorder>
          <Title order={2} size="h5" mb="sm">
            {t.hosts.resources}
          </Title>
          {resources === null ? (
            <Text size="sm">{t.hosts.noResources}</Text>
          ) : (
            <>
              <Facts
                facts={[
                  [t.hosts.cpu, String(resources.cpuThreads)],
                  [
                    t.overview.memory,
                    `${sizeText(resources.memoryUsedBytes)} / ${sizeText(resources.memoryTotalBytes)}`,
                  ],
                ]}
              />
              <Progress
                value={percentOf(resources.memoryUsedBytes, resources.memoryTotalBytes)}
                my="sm"
                aria-label={t.overview.memory}
              />
              <Title order={3} size="h6" mt="md">
                {t.hosts.pools}
              </Title>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t.hosts.name}</Table.Th>
                    <Table.Th>{t.hosts.driver}</Table.Th>
                    <Table.Th>{t.hosts.used}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {resources.pools.map((pool) => (
                    <Table.Tr key={pool.name}>
                      <Table.Td>{pool.name}</Table.Td>
                      <Table.Td>{pool.driver}</Table.Td>
                      <Table.Td>
                        {pool.totalBytes === null || pool.usedBytes === null
                          ? t.overview.unknownSize
                          : `${sizeText(pool.usedBytes)} / ${sizeText(pool.totalBytes)}`}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </>
          )}
        </Card>
      </SimpleGrid>
    </Stack>
  );
}
