import type { Project } from '@longshore/contract';
import { Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { changeSearch } from '../app/search.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { termOf } from '../parts/filter-chips.ts';
import { filterErrorOf } from '../parts/filter-error.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { CreateProjectDialog } from './CreateProjectDialog.tsx';
import { ProjectUse } from './ProjectUse.tsx';
import { projectListQuery } from './project-queries.ts';

/** The projects that one may see, with their quotas. It is also the first page of those who see no hosts. */
export function ProjectsPage() {
  const search: Readonly<{ filter?: string }> = useSearch({ strict: false });
  const filter = search.filter ?? '';
  const navigate = useNavigate();
  const { permissions } = useSession();
  const query = useQuery({ ...projectListQuery(filter, 'name'), placeholderData: keepPreviousData });
  const [isCreating, setCreating] = useState(false);
  const error = filterErrorOf(query.error);
  const denied = whyNotPermitted('projects:write', permissions);
  const create = (
    <ActionButton
      label={t.projects.create}
      icon={<IconPlus size={16} />}
      variant="filled"
      reason={denied}
      run={() => setCreating(true)}
    />
  );
  return (
    <>
      <PageHeader title={t.shell.projects}>{create}</PageHeader>
      <FilterBar
        filter={filter}
        error={error}
        placeholder={t.projects.filter}
        offers={[]}
        change={(next) =>
          void navigate({ to: '/projects', search: changeSearch('filter', next), replace: true })
        }
      />
      {error === null && (
        <Read query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
                {items.map((project) => (
                  <ProjectCard key={project.id} project={project} />
                ))}
              </SimpleGrid>
            ) : filter === '' ? (
              <Empty title={t.projects.none} text={t.projects.noneText}>
                {denied === null && create}
              </Empty>
            ) : (
              <Empty title={t.filter.nothing} text={t.filter.nothingText(filter)} />
            )
          }
        </Read>
      )}
      {isCreating && <CreateProjectDialog close={() => setCreating(false)} />}
    </>
  );
}

function ProjectCard({ project }: Readonly<{ project: Project }>) {
  return (
    <Card withBorder>
      <Stack gap="xs" h="100%">
        <Group justify="space-between" gap="xs">
          <LinkTo to="/projects/$id" params={{ id: project.name }} fw={600} size="md">
            {project.name}
          </LinkTo>
          <LinkTo to="/instances" search={{ filter: termOf('project', project.name) }}>
            {t.projects.instances(project.use.instances)}
          </LinkTo>
        </Group>
        <Text size="sm" c="dimmed" lineClamp={2} style={{ flexGrow: 1 }}>
          {project.description}
        </Text>
        <ProjectUse project={project} />
      </Stack>
    </Card>
  );
}
