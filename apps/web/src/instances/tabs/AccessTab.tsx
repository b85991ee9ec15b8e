import type { Instance } from '@longshore/contract';
import { Card, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { membersQuery, projectsQuery } from '../../live/fleet-queries.ts';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Read } from '../../parts/QueryStates.tsx';
import type { InstanceTabProps } from '../../registry/room.ts';
import { t } from '../../texts/texts.ts';
import { HostKeys } from './HostKeys.tsx';
import { PersonKeys } from './PersonKeys.tsx';

const VERBS = Object.entries(t.access.verbs);

/** Who may do what here, whose SSH keys are in the guest, and what the guest proves itself with. */
export function AccessTab({ instance, facts }: InstanceTabProps) {
  const mine = VERBS.filter(([permission]) => facts.permissions.some((each) => each === permission));
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <Title order={2} size="h5" mb="sm">
            {t.access.mine}
          </Title>
          {mine.length === 0 ? (
            <Text size="sm">{t.access.nothing}</Text>
          ) : (
            <List size="sm">
              {mine.map(([permission, does]) => (
                <List.Item key={permission}>{does}</List.Item>
              ))}
            </List>
          )}
        </Card>
        <Members instance={instance} />
      </SimpleGrid>
      <PersonKeys instanceId={instance.id} />
      <HostKeys instance={instance} facts={facts} etag={null} />
    </Stack>
  );
}

function Members({ instance }: Readonly<{ instance: Instance }>) {
  const { projectId } = instance;
  const query = useQuery({ ...membersQuery(projectId ?? ''), enabled: projectId !== null });
  const projects = useQuery({ ...projectsQuery, enabled: projectId !== null });
  const name = projects.data?.items.find((project) => project.id === projectId)?.name ?? '';
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="sm">
        {projectId === null ? t.instances.columns.project : t.access.members(name)}
      </Title>
      {projectId === null ? (
        <Text size="sm">{t.access.noProject}</Text>
      ) : (
        <Read query={query}>
          {({ items }) => (
            <PlainTable label={t.access.members(name)} heads={[t.access.who, t.access.role]} minWidth={240}>
              {items.map(({ id, subject, role }) => (
                <PlainRow
                  key={id}
                  cells={[
                    ['who', subject.kind === 'group' ? `${subject.name} (${t.access.group})` : subject.name],
                    ['role', t.roles.names[role]],
                  ]}
                />
              ))}
            </PlainTable>
          )}
        </Read>
      )}
    </Card>
  );
}
