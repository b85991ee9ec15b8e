import type { LongshoreError } from '@longshore/contract';
import {
  Alert,
  Autocomplete,
  Card,
  Checkbox,
  Grid,
  Group,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import { projectsQuery } from '../live/fleet-queries.ts';
import { useHosts } from '../live/use-hosts.ts';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { checkUserData } from '../parts/check-yaml.ts';
import { fieldErrors } from '../parts/field-errors.ts';
import { LabelsInput } from '../parts/LabelsInput.tsx';
import { labelsOfTags } from '../parts/label-tags.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { PlacementInput } from '../parts/PlacementInput.tsx';
import { YamlInput } from '../parts/YamlInput.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { bodyOf, type CreationForm, formError } from './creation-form.ts';
import { clearDraft, keepDraft, readDraft } from './draft.ts';
import { apiCall, commandLine } from './equivalent-call.ts';
import { ImageInput } from './ImageInput.tsx';

/** One page for a new instance; what was typed is kept until it is made. */
export function CreatePage() {
  const navigate = useNavigate();
  const { access, permissions } = useSession();
  const { ask, asking } = useChange();
  const [form, setForm] = useState(readDraft);
  const [error, setError] = useState<LongshoreError | null>(null);
  const errors = fieldErrors(error);
  const set = (part: Partial<CreationForm>) => {
    const next = { ...form, ...part };
    setForm(next);
    keepDraft(next);
  };
  const body = bodyOf(form);
  const userDataFault = useMemo(() => checkUserData(form.userData), [form.userData]);
  const labelFault = labelsOfTags(form.tags).error ?? labelsOfTags(form.placement.tags).error;
  const denied = permittedSomewhere(access, 'instances:write')
    ? null
    : whyNotPermitted('instances:write', permissions);
  const create = async () => {
    const fault = formError(body, t.create.faults);
    setError(fault);
    if (fault !== null) return;
    const send = async () => {
      const reply = await client.call('createInstance', { body });
      clearDraft();
      await navigate({ to: '/instances/$id', params: { id: reply.value.instanceId } });
      return reply;
    };
    await ask(t.create.doing(form.name), send, setError);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (denied === null && labelFault === null) void create();
  };
  return (
    <>
      <PageHeader title={t.create.title} />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <form onSubmit={submit} noValidate>
            <Stack>
              <Section title={t.create.what}>
                <TextInput
                  label={t.create.name}
                  value={form.name}
                  onChange={(event) => set({ name: event.currentTarget.value })}
                  error={errors.at('name')}
                  required
                  data-autofocus
                />
                <SegmentedControl
                  aria-label={t.create.type}
                  value={form.type}
                  onChange={(type) => set({ type: type === 'container' ? type : 'virtual-machine' })}
                  data={(['container', 'virtual-machine'] as const).map((value) => ({
                    value,
                    label: t.types[value],
                  }))}
                />
                <TextInput
                  label={t.instances.description}
                  value={form.description}
                  onChange={(event) => set({ description: event.currentTarget.value })}
                  error={errors.at('description')}
                />
              </Section>
              <Section title={t.create.image}>
                <ImageInput form={form} set={set} errors={errors} />
              </Section>
              <Section title={t.create.placement}>
                <PlacementInput
                  choice={form.placement}
                  change={(placement) => set({ placement })}
                  error={errors.at('placement')}
                />
                <Details
                  form={form}
                  set={set}
                  lxdProjectError={errors.at('lxdProject')}
                  profilesError={errors.at('profiles')}
                />
              </Section>
              <Section title={t.create.limits}>
                <Group grow align="start">
                  <TextInput
                    label={t.create.cpu}
                    placeholder="2"
                    value={form.cpu}
                    onChange={(event) => set({ cpu: event.currentTarget.value })}
                    error={errors.at('limits.cpu')}
                  />
                  <Autocomplete
                    label={t.create.memory}
                    placeholder="2GiB"
                    data={['512MiB', '1GiB', '2GiB', '4GiB', '8GiB', '16GiB']}
                    value={form.memory}
                    onChange={(memory) => set({ memory })}
                    error={errors.at('limits.memory')}
                  />
                  <Autocomplete
                    label={t.create.disk}
                    placeholder="10GiB"
                    data={['5GiB', '10GiB', '20GiB', '50GiB', '100GiB']}
                    value={form.disk}
                    onChange={(disk) => set({ disk })}
                    error={errors.at('limits.disk')}
                  />
                </Group>
              </Section>
              <Section title={t.create.cloudInit}>
                <YamlInput
                  label={t.create.userData}
                  description={t.create.userDataHint}
                  value={form.userData}
                  change={(userData) => set({ userData })}
                  error={userDataFault ?? errors.at('cloudInit') ?? null}
                  minRows={5}
                  placeholder={'#cloud-config\npackages: [nginx]'}
                />
              </Section>
              <Section title={t.create.more}>
                <ProjectInput form={form} set={set} error={errors.at('project')} />
                <LabelsInput
                  label={t.labels.title}
                  tags={form.tags}
                  change={(tags) => set({ tags })}
                  error={errors.at('labels')}
                />
                <Checkbox
                  label={t.create.start}
                  checked={form.start}
                  onChange={(event) => set({ start: event.currentTarget.checked })}
                />
                <Checkbox
                  label={t.create.protect}
                  checked={form.protected}
                  onChange={(event) => set({ protected: event.currentTarget.checked })}
                />
                <Checkbox
                  label={t.create.ephemeral}
                  checked={form.ephemeral}
                  onChange={(event) => set({ ephemeral: event.currentTarget.checked })}
                />
              </Section>
              {error !== null && (
                <Alert color="red" variant="outline" role="alert" title={error.message}>
                  {error.hint}
                  {(error.fields ?? []).map((field) => (
                    <Text key={field.path} size="sm">
                      {field.path}: {field.message}
                    </Text>
                  ))}
                </Alert>
              )}
              <Group>
                <ActionButton
                  label={form.start ? t.create.submitStart : t.create.submit}
                  variant="filled"
                  reason={denied ?? labelFault}
                  loading={asking}
                  run={() => void create()}
                />
              </Group>
              {/* So that Enter in any field makes it. */}
              <input type="submit" hidden />
            </Stack>
          </form>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Card withBorder style={{ position: 'sticky', top: 68 }}>
            <Title order={2} size="h5" mb="xs">
              {t.create.equivalent}
            </Title>
            <Stack gap="sm">
              <Text size="sm">{t.create.commandLine}</Text>
              <CopyBlock
                label={t.create.commandLine}
                text={commandLine({
                  ...body,
                  name: body.name || 'NAME',
                  source: { ...body.source, image: body.source.image || 'IMAGE' },
                })}
              />
              <Text size="sm">{t.create.apiCall}</Text>
              <CopyBlock
                label={t.create.apiCall}
                text={apiCall(window.location.origin, body, t.create.shortened)}
              />
            </Stack>
          </Card>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Section({ title, children }: Readonly<{ title: string; children: ReactNode }>) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      <Stack gap="sm">{children}</Stack>
    </Card>
  );
}

function Details({
  form,
  set,
  lxdProjectError,
  profilesError,
}: Readonly<{
  form: CreationForm;
  set: (part: Partial<CreationForm>) => void;
  lxdProjectError: string | undefined;
  profilesError: string | undefined;
}>) {
  const hosts = useHosts();
  const projects = [...new Set(['default', ...hosts.flatMap((host) => host.lxdProjects)])];
  const profiles = [
    ...new Set(
      hosts.flatMap((host) =>
        host.profiles
          .filter((profile) => profile.lxdProject === form.lxdProject)
          .map((profile) => profile.name),
      ),
    ),
  ];
  return (
    <Group grow align="start">
      <Select
        label={t.create.project}
        data={projects}
        value={form.lxdProject}
        onChange={(lxdProject) => set({ lxdProject: lxdProject ?? 'default' })}
        error={lxdProjectError}
        searchable
      />
      <TagsInput
        label={t.instances.profiles}
        data={profiles}
        value={[...form.profiles]}
        onChange={(next) => set({ profiles: next })}
        error={profilesError}
      />
    </Group>
  );
}

/** The project that it belongs to, where there are any to choose from. */
function ProjectInput({
  form,
  set,
  error,
}: Readonly<{
  form: CreationForm;
  set: (part: Partial<CreationForm>) => void;
  error: string | undefined;
}>) {
  const { access } = useSession();
  const { data } = useQuery({ ...projectsQuery, enabled: permittedSomewhere(access, 'projects:read') });
  const names = (data?.items ?? []).map((project) => project.name);
  if (names.length === 0 && error === undefined) return null;
  return (
    <Select
      label={t.instances.columns.project}
      data={names}
      value={form.project === '' ? null : form.project}
      onChange={(project) => set({ project: project ?? '' })}
      error={error}
      clearable
      searchable
    />
  );
}
