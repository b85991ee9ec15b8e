import type { Binding } from '@longshore/contract';
import { Group, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { subjectText } from '../people/RolesTable.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { PART_ROLE_NAMES, type PartRoleName } from '../tokens/part-roles.ts';
import type { ProjectTabProps } from './ProjectPage.tsx';
import { membersQuery } from './project-queries.ts';

/** Who is in the project, by themselves or by a group: added, given another role, removed. */
export function MembersTab({ project, permissions }: ProjectTabProps) {
  const { done } = useDone();
  const query = useQuery(membersQuery(project.id));
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Binding | null>(null);
  const denied = whyNotPermitted('projects:members', permissions);
  const give = (binding: Binding, role: PartRoleName) =>
    void done(t.projects.changing(subjectText(binding), t.roles.names[role]), ['members'], () =>
      client.call('addMember', {
        params: { id: project.id },
        body: { subject: subjectOf(binding), role },
      }),
    );
  const remove = (binding: Binding) =>
    void done(t.projects.removing(subjectText(binding), project.name), ['members'], () =>
      client.call('removeMember', { params: { id: project.id, binding: binding.id } }),
    );
  return (
    <>
      <Group justify="end" mb="sm">
        <ActionButton
          label={t.projects.add}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={denied}
          run={() => setAdding(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => {
          // Robots are on their own tab.
          const members = items.filter(({ subject }) => subject.kind !== 'robot');
          if (members.length === 0)
            return <Empty title={t.projects.noMembers} text={t.projects.noMembersText} />;
          return (
            <PlainTable
              label={t.projects.members}
              minWidth={560}
              heads={[t.roles.whom, t.roles.role, t.roles.since, t.instances.actions]}
            >
              {members.map((binding) => {
                const off = denied ?? (binding.source === 'group' ? t.roles.byGroup : null);
                return (
                  <PlainRow
                    key={binding.id}
                    cells={[
                      ['whom', subjectText(binding)],
                      [
                        'role',
                        off === null ? (
                          <Select
                            key="role"
                            size="xs"
                            maw={150}
                            aria-label={t.projects.roleOf(subjectText(binding))}
                            data={PART_ROLE_NAMES.map((value) => ({ value, label: t.roles.names[value] }))}
                            value={binding.role}
                            onChange={(value) => {
                              const role = PART_ROLE_NAMES.find((each) => each === value);
                              if (role !== undefined && role !== binding.role) give(binding, role);
                            }}
                            allowDeselect={false}
                          />
                        ) : (
                          <Text key="role" size="sm" title={off}>
                            {t.roles.names[binding.role]}
                          </Text>
                        ),
                      ],
                      ['since', <Age key="since" of={binding.createdAt} />],
                      [
                        'actions',
                        <ActionButton
                          key="remove"
                          compact
                          label={t.projects.removing(subjectText(binding), project.name)}
                          icon={<IconTrash size={16} />}
                          reason={off}
                          run={() => setRemoved(binding)}
                        />,
                      ],
                    ]}
                  />
                );
              })}
            </PlainTable>
          );
        }}
      </Read>
      {isAdding && <AddDialog project={project} close={() => setAdding(false)} />}
      {removed !== null && (
        <ConfirmDialog
          title={t.projects.removing(subjectText(removed), project.name)}
          text={t.roles.takeText}
          confirm={t.keys.remove}
          close={() => setRemoved(null)}
          run={() => remove(removed)}
        />
      )}
    </>
  );
}

function subjectOf({ subject }: Binding): { kind: 'person' | 'group'; name: string } {
  return subject.kind === 'group'
    ? { kind: 'group', name: subject.name }
    : { kind: 'person', name: subject.id };
}

function AddDialog({ project, close }: Readonly<{ project: ProjectTabProps['project']; close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [kind, setKind] = useState<'person' | 'group'>('person');
  const [name, setName] = useState('');
  const [role, setRole] = useState<PartRoleName>('operator');
  const add = async () => {
    const body = { subject: { kind, name: name.trim() }, role };
    const call = () => client.call('addMember', { params: { id: project.id }, body });
    if (await done(t.projects.adding(name.trim(), project.name), ['members'], call, { inForm: true }))
      close();
  };
  return (
    <FormDialog
      title={t.projects.add}
      submit={t.projects.add}
      reason={name.trim() === '' ? t.roles.needsWhom : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void add()}
    >
      <SegmentedControl
        aria-label={t.roles.whom}
        value={kind}
        onChange={(value) => setKind(value === 'group' ? 'group' : 'person')}
        data={[
          { value: 'person', label: t.roles.kinds.person },
          { value: 'group', label: t.roles.kinds.group },
        ]}
      />
      <TextInput
        label={kind === 'person' ? t.setup.name : t.roles.kinds.group}
        description={kind === 'group' ? t.roles.groupHint : t.projects.personHint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.at('subject')}
        autoComplete="off"
        data-autofocus
        required
      />
      <Select
        label={t.roles.role}
        data={PART_ROLE_NAMES.map((value) => ({ value, label: t.roles.names[value] }))}
        value={role}
        onChange={(value) => setRole(PART_ROLE_NAMES.find((each) => each === value) ?? 'operator')}
        allowDeselect={false}
      />
      <Text size="xs" c="dimmed">
        {t.roles.means.part[role]}
      </Text>
    </FormDialog>
  );
}
