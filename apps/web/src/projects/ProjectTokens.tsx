import { Group, Select, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { PART_ROLE_NAMES, type PartRoleName } from '../tokens/part-roles.ts';
import { TokenForm } from '../tokens/TokenForm.tsx';
import { TokenTable } from '../tokens/TokenTable.tsx';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { projectTokensQuery } from './project-queries.ts';

/** Tokens of robots that have a role in the project. */
export function ProjectTokens({ project }: ProjectTabProps) {
  const { done } = useDone();
  const query = useQuery(projectTokensQuery(project.id));
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {t.tokens.robotsText}
        </Text>
        <ActionButton
          label={t.tokens.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={null}
          run={() => setCreating(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => (
          <TokenTable
            tokens={items}
            denied={null}
            revokeText={t.projects.revokeText(project.name)}
            revoke={(token) =>
              void done(t.tokens.revoking(token.name), ['project-tokens', 'tokens'], () =>
                client.call('revokeProjectToken', { params: { id: project.id, token: token.id } }),
              )
            }
          />
        )}
      </Read>
      {isCreating && <CreateDialog id={project.id} close={() => setCreating(false)} />}
    </>
  );
}

function CreateDialog({ id, close }: Readonly<{ id: string; close: () => void }>) {
  const [role, setRole] = useState<PartRoleName>('operator');
  return (
    <TokenForm
      reason={null}
      stale="project-tokens"
      close={close}
      send={(named) => client.call('createProjectToken', { params: { id }, body: { ...named, role } })}
    >
      {(errorAt) => (
        <>
          <Select
            label={t.roles.role}
            data={PART_ROLE_NAMES.map((value) => ({ value, label: t.roles.names[value] }))}
            value={role}
            onChange={(value) => setRole(PART_ROLE_NAMES.find((each) => each === value) ?? 'operator')}
            error={errorAt('role')}
            allowDeselect={false}
          />
          <Text size="xs" c="dimmed">
            {t.roles.means.part[role]}
          </Text>
        </>
      )}
    </TokenForm>
  );
}
