import { Alert, Card, Stack, Text } from '@mantine/core';
import { Facts } from '../parts/Facts.tsx';
import { momentText, t } from '../texts/texts.ts';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { ProjectUse } from './ProjectUse.tsx';

/** What a project may take and takes. */
export function ProjectOverview({ project }: ProjectTabProps) {
  const days = (count: number | null) => (count === null ? t.projects.forEver : t.age.days(count));
  return (
    <Stack maw={900}>
      {project.description !== '' && <Text style={{ overflowWrap: 'anywhere' }}>{project.description}</Text>}
      <Card withBorder>
        <ProjectUse project={project} cols={2} />
        <Text size="xs" c="dimmed" mt="sm">
          {t.projects.counted}
        </Text>
      </Card>
      {project.use.unlimited > 0 && (
        <Alert color="blue" variant="outline">
          {t.projects.unlimited(project.use.unlimited)}
        </Alert>
      )}
      <Facts
        facts={[
          [t.projects.fields.defaultDays, days(project.defaultLifetimeDays)],
          [t.projects.fields.maxDays, days(project.maxLifetimeDays)],
          [t.tokens.made, `${momentText(project.createdAt)}, ${project.createdBy}`],
        ]}
      />
    </Stack>
  );
}
