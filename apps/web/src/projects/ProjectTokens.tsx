import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { PART_ROLE_NAMES, type PartRoleName } from '../tokens/part-roles.ts';
import { TokenForm } from '../tokens/TokenForm.tsx';
import { TokenSection } from '../tokens/TokenSection.tsx';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { projectTokensQuery } from './project-queries.ts';

/** Tokens of robots that have a role in the project. */
export function ProjectTokens({ project }: ProjectTabProps) {
  const { id, name } = project;
  return (
    <TokenSection
      text={t.tokens.robotsText}
      query={useQuery(projectTokensQuery(id))}
      denied={null}
      revokeText={t.projects.revokeText(name)}
      revoke={(token) => client.call('revokeProjectToken', { params: { id, token } })}
      stale={['project-tokens', 'tokens']}
      create={(close) => <CreateDialog id={id} close={close} />}
    />
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
