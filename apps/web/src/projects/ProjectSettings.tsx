import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { LoginUsersCard } from './LoginUsersCard.tsx';
import { ProjectFields } from './ProjectFields.tsx';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { changesOf, formOf } from './project-form.ts';

/** Name, quotas and lifetimes, the accounts that get SSH keys, and the end of the project. */
export function ProjectSettings(props: ProjectTabProps) {
  return (
    <Stack maw={640}>
      <Main {...props} />
      <LoginUsersCard {...props} />
      <Danger {...props} />
    </Stack>
  );
}

function Main({ project, etag, permissions }: ProjectTabProps) {
  const navigate = useNavigate();
  const { done, asking, errors } = useDone();
  const [form, setForm] = useState(() => formOf(project));
  const changes = changesOf(form, project);
  const isChanged = Object.keys(changes).length > 0;
  const reason =
    whyNotPermitted('projects:write', permissions) ??
    (form.name.trim() === '' ? t.projects.needsName : isChanged ? null : t.configuration.unchanged);
  const save = async () => {
    const call = () =>
      client.call('updateProject', { params: { id: project.id }, body: changes, ifMatch: etag ?? '' });
    if (!(await done(t.projects.saving(project.name), ['projects'], call, { inForm: true }))) return;
    // The address names it, and the name may be another now.
    await navigate({
      to: '/projects/$id',
      params: { id: form.name.trim() },
      search: { tab: 'settings' },
      replace: true,
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason === null) void save();
  };
  return (
    <Card withBorder>
      <form onSubmit={submit} noValidate>
        <Stack>
          <ProjectFields form={form} change={setForm} errorAt={errors.at} />
          <Text size="xs" c="dimmed">
            {t.projects.quotaHint}
          </Text>
          {errors.rest !== null && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {errors.rest}
            </Text>
          )}
          <Group>
            <button type="submit" hidden />
            <ActionButton
              label={t.hosts.save}
              variant="filled"
              loading={asking}
              reason={reason}
              run={() => void save()}
            />
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function Danger({ project, permissions }: ProjectTabProps) {
  const navigate = useNavigate();
  const { done } = useDone();
  const [isDeleting, setDeleting] = useState(false);
  const reason =
    whyNotPermitted('projects:write', permissions) ??
    (project.use.instances > 0 ? t.projects.notEmpty(project.use.instances) : null);
  const remove = async () => {
    const call = () => client.call('deleteProject', { params: { id: project.id } });
    if (await done(t.projects.deleting(project.name), [], call)) await navigate({ to: '/projects' });
  };
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.danger}
      </Title>
      <Text size="sm" mb="sm">
        {t.projects.deleteText}
      </Text>
      <Group>
        <ActionButton
          label={t.projects.deleting(project.name)}
          color="red"
          variant="outline"
          reason={reason}
          run={() => setDeleting(true)}
        />
      </Group>
      {isDeleting && (
        <ConfirmDialog
          title={t.projects.deleting(project.name)}
          text={t.projects.deleteText}
          confirm={t.people.delete}
          typed={project.name}
          close={() => setDeleting(false)}
          run={() => void remove()}
        />
      )}
    </Card>
  );
}
