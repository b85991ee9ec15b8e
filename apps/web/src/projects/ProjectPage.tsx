import type { Permission, Project } from '@longshore/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { termOf } from '../parts/filter-chips.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { usePermissionsOn } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { MembersTab } from './MembersTab.tsx';
import { ProjectOverview } from './ProjectOverview.tsx';
import { ProjectSettings } from './ProjectSettings.tsx';
import { ProjectTokens } from './ProjectTokens.tsx';
import { projectQuery } from './project-queries.ts';

const route = getRouteApi('/projects/$id');

/** What the tabs of a project get. */
export type ProjectTabProps = Readonly<{
  project: Project;
  etag: string | null;
  permissions: readonly Permission[];
}>;

/** One project: quotas and use, members, tokens of robots, settings. */
export function ProjectPage() {
  const { id } = route.useParams();
  const query = useQuery(projectQuery(id));
  return <Read query={query}>{({ value, etag }) => <Shown project={value} etag={etag} />}</Read>;
}

function Shown({ project, etag }: Readonly<{ project: Project; etag: string | null }>) {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/projects/$id' });
  const permissions = usePermissionsOn({ projectId: project.id, hostId: null, labels: {} });
  const props: ProjectTabProps = { project, etag, permissions };
  return (
    <>
      <PageHeader title={project.name}>
        <ButtonLink variant="default" to="/instances" search={{ filter: termOf('project', project.name) }}>
          {t.projects.instances(project.use.instances)}
        </ButtonLink>
      </PageHeader>
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { id: 'overview', label: t.shell.overview, content: () => <ProjectOverview {...props} /> },
          { id: 'members', label: t.projects.members, content: () => <MembersTab {...props} /> },
          ...(permissions.includes('projects:members')
            ? [{ id: 'tokens', label: t.projects.robots, content: () => <ProjectTokens {...props} /> }]
            : []),
          {
            id: 'settings',
            label: t.shell.settings,
            content: () => <ProjectSettings key={project.revision} {...props} />,
          },
        ]}
      />
    </>
  );
}
