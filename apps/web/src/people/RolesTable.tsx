import type { Binding } from '@longshore/contract';
import { Group, SegmentedControl, TextInput } from '@mantine/core';
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
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { bindingsQuery } from './people-queries.ts';
import { RoleInput } from './RoleInput.tsx';
import { FIRST_CHOICE, scopeOf } from './role-choice.ts';

type Props = Readonly<{
  /** Those to be shown; without it, all. */
  shows?: (binding: Binding) => boolean;
  /** Whom a new role is for, where the page says so already. */
  person?: Readonly<{ id: string; name: string }>;
  /** Only roles of groups: mappings of an identity provider. */
  groupsOnly?: boolean;
}>;

/** Who has which role where. */
export function RolesTable({ shows, person, groupsOnly = false }: Props) {
  const { permissions } = useSession();
  const { done } = useDone();
  const query = useQuery(bindingsQuery);
  const [isGiving, setGiving] = useState(false);
  const [taken, setTaken] = useState<Binding | null>(null);
  const denied = whyNotPermitted('roles:write', permissions);
  const take = (binding: Binding) =>
    void done(t.roles.taking(roleText(binding)), ['bindings'], () =>
      client.call('deleteBinding', { params: { id: binding.id } }),
    );
  return (
    <>
      <Group justify="end" mb="sm">
        <ActionButton
          label={groupsOnly ? t.roles.map : t.roles.give}
          icon={<IconPlus size={16} />}
          reason={denied}
          run={() => setGiving(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => {
          const shown = items.filter(
            (binding) => shows?.(binding) ?? (!groupsOnly || binding.subject.kind === 'group'),
          );
          if (shown.length === 0)
            return <Empty title={t.roles.none} text={groupsOnly ? t.roles.noMappings : t.roles.noneText} />;
          return (
            <PlainTable
              label={t.roles.title}
              minWidth={640}
              heads={[t.roles.whom, t.roles.role, t.roles.where, t.roles.since, t.instances.actions]}
            >
              {shown.map((binding) => (
                <PlainRow
                  key={binding.id}
                  cells={[
                    ['whom', subjectText(binding)],
                    [
                      'role',
                      binding.source === 'group'
                        ? `${t.roles.names[binding.role]} (${t.roles.kinds.group})`
                        : t.roles.names[binding.role],
                    ],
                    ['where', placeText(binding)],
                    ['since', <Age key="since" of={binding.createdAt} />],
                    [
                      'actions',
                      <ActionButton
                        key="take"
                        compact
                        label={t.roles.taking(roleText(binding))}
                        icon={<IconTrash size={16} />}
                        reason={denied ?? (binding.source === 'group' ? t.roles.byGroup : null)}
                        run={() => setTaken(binding)}
                      />,
                    ],
                  ]}
                />
              ))}
            </PlainTable>
          );
        }}
      </Read>
      {isGiving && (
        <GiveDialog
          groupsOnly={groupsOnly}
          {...(person === undefined ? {} : { person })}
          close={() => setGiving(false)}
        />
      )}
      {taken !== null && (
        <ConfirmDialog
          title={t.roles.taking(roleText(taken))}
          text={taken.subject.kind === 'group' ? t.roles.takeGroupText : t.roles.takeText}
          confirm={t.roles.take}
          close={() => setTaken(null)}
          run={() => take(taken)}
        />
      )}
    </>
  );
}

/** Whom a role is for, in words. */
export function subjectText({ subject }: Binding): string {
  return subject.kind === 'person' ? subject.name : `${t.roles.kinds[subject.kind]} ${subject.name}`;
}

function placeText({ scope }: Binding): string {
  return scope.kind === 'fleet' ? t.roles.places.fleet : `${t.roles.places[scope.kind]} ${scope.name}`;
}

function roleText(binding: Binding): string {
  return `${subjectText(binding)}: ${t.roles.names[binding.role]}, ${placeText(binding)}`;
}

function GiveDialog({
  person,
  groupsOnly,
  close,
}: Readonly<{ person?: Props['person']; groupsOnly: boolean; close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [kind, setKind] = useState<'person' | 'group'>(groupsOnly ? 'group' : 'person');
  const [name, setName] = useState(person?.name ?? '');
  const [choice, setChoice] = useState(FIRST_CHOICE);
  const title = groupsOnly ? t.roles.map : t.roles.give;
  const give = async () => {
    const subject = { kind, name: person?.id ?? name.trim() };
    const call = () =>
      client.call('createBinding', { body: { subject, role: choice.role, scope: scopeOf(choice) } });
    if (await done(title, ['bindings'], call, { inForm: true })) close();
  };
  const needsPlace = choice.place !== 'fleet' && choice.name.trim() === '';
  return (
    <FormDialog
      title={title}
      submit={t.roles.giveNow}
      reason={name.trim() === '' ? t.roles.needsWhom : needsPlace ? t.roles.needsPlace : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void give()}
    >
      {person === undefined && !groupsOnly && (
        <SegmentedControl
          aria-label={t.roles.whom}
          value={kind}
          onChange={(value) => setKind(value === 'group' ? 'group' : 'person')}
          data={[
            { value: 'person', label: t.roles.kinds.person },
            { value: 'group', label: t.roles.kinds.group },
          ]}
        />
      )}
      {person === undefined && (
        <TextInput
          label={kind === 'person' ? t.people.name : t.roles.kinds.group}
          description={kind === 'group' ? t.roles.groupHint : undefined}
          placeholder={kind === 'group' ? 'gitlab:infra/admins' : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors.at('subject')}
          autoComplete="off"
          data-autofocus
          required
        />
      )}
      <RoleInput choice={choice} change={setChoice} error={errors.at('scope')} />
    </FormDialog>
  );
}
