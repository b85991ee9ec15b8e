import { Card, Group, SegmentedControl, Stack, TagsInput, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { projectAccessQuery } from './project-queries.ts';

/** Which accounts of the guests get the SSH keys of members. */
export function LoginUsersCard({ project, permissions }: ProjectTabProps) {
  const query = useQuery(projectAccessQuery(project.id));
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.projects.loginUsers}
      </Title>
      <Read query={query}>
        {({ users }) => (
          <Form
            key={users?.join() ?? 'default'}
            id={project.id}
            users={users}
            denied={whyNotPermitted('projects:members', permissions)}
          />
        )}
      </Read>
    </Card>
  );
}

function Form({
  id,
  users,
  denied,
}: Readonly<{ id: string; users: readonly string[] | null; denied: string | null }>) {
  const { done, asking, errors } = useDone();
  const [isOwn, setOwn] = useState(users !== null);
  const [names, setNames] = useState<string[]>([...(users ?? [])]);
  const wanted = isOwn ? names : null;
  const unchanged = JSON.stringify(wanted) === JSON.stringify(users);
  const save = () =>
    void done(
      t.projects.loginUsers,
      ['project-ssh-access'],
      () => client.call('setProjectSshAccess', { params: { id }, body: { users: wanted } }),
      { inForm: true },
    );
  return (
    <Stack>
      <Text size="sm">{t.projects.loginUsersText}</Text>
      <SegmentedControl
        aria-label={t.projects.loginUsers}
        value={isOwn ? 'own' : 'default'}
        onChange={(value) => setOwn(value === 'own')}
        data={[
          { value: 'default', label: t.projects.usersDefault },
          { value: 'own', label: t.projects.usersOwn },
        ]}
      />
      {isOwn && (
        <TagsInput
          label={t.projects.users}
          description={t.projects.usersHint}
          value={names}
          onChange={setNames}
          splitChars={[' ', ',']}
          error={errors.at('users')}
          acceptValueOnBlur
        />
      )}
      {errors.rest !== null && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {errors.rest}
        </Text>
      )}
      <Group>
        <ActionButton
          label={t.hosts.save}
          loading={asking}
          reason={denied ?? (unchanged ? t.configuration.unchanged : null)}
          run={save}
        />
      </Group>
    </Stack>
  );
}
