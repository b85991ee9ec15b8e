import type { Person } from '@longshore/contract';
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Facts } from '../parts/Facts.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { ApproveDialog } from './ApproveDialog.tsx';
import { waysIn } from './PeopleTable.tsx';
import { PersonKeys } from './PersonKeys.tsx';
import { PersonStatusBadge } from './PersonStatusBadge.tsx';
import { personQuery } from './people-queries.ts';
import { ResetDialog } from './ResetDialog.tsx';
import { RolesTable } from './RolesTable.tsx';
import { whyNotPerson } from './why-not-person.ts';

const route = getRouteApi('/people/$id');

/** One account: what it may do, how it logs in, its SSH keys, and what an administrator can do about it. */
export function PersonPage() {
  const { id } = route.useParams();
  const query = useQuery(personQuery(id));
  return <Read query={query}>{(person) => <Shown person={person} />}</Read>;
}

function Shown({ person }: Readonly<{ person: Person }>) {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/people/$id' });
  return (
    <>
      <PageHeader title={person.displayName} beside={<PersonStatusBadge status={person.status} />}>
        <PersonActions person={person} />
      </PageHeader>
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { id: 'account', label: t.people.account, content: () => <Account person={person} /> },
          {
            id: 'roles',
            label: t.roles.title,
            content: () => (
              <RolesTable
                person={person}
                shows={({ subject }) => subject.kind === 'person' && subject.id === person.id}
              />
            ),
          },
          { id: 'keys', label: t.keys.title, content: () => <PersonKeys person={person} /> },
        ]}
      />
    </>
  );
}

function Account({ person }: Readonly<{ person: Person }>) {
  return (
    <>
      <Facts
        facts={[
          [t.people.name, person.name],
          [t.people.email, person.email ?? ''],
          [t.people.ways, waysIn(person)],
          [
            t.people.groups,
            person.providers
              .flatMap(({ provider, groups }) => groups.map((group) => `${provider}:${group}`))
              .join(', '),
          ],
          [t.people.lastLogin, <Age key="login" of={person.lastLoginAt} />],
          [t.people.sessions, String(person.sessions)],
          [t.people.made, <Age key="made" of={person.createdAt} />],
          [t.people.madeBy, person.createdBy],
          [t.people.approvedBy, person.approvedBy ?? ''],
        ]}
      />
      <Group mt="md">
        <LinkTo to="/audit" search={{ filter: `who:${person.name}` }}>
          {t.people.inAudit}
        </LinkTo>
      </Group>
    </>
  );
}

function PersonActions({ person }: Readonly<{ person: Person }>) {
  const { me, permissions } = useSession();
  const navigate = useNavigate();
  const { done } = useDone();
  const [open, setOpen] = useState<'approve' | 'block' | 'reset' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const params = { id: person.id };
  const why = (action: Parameters<typeof whyNotPerson>[0]) => whyNotPerson(action, person, me, permissions);
  const block = () =>
    void done(t.people.blocking(person.name), ['people'], () =>
      client.call('blockPerson', { params, body: {} }),
    );
  const unblock = () =>
    void done(t.people.unblocking(person.name), ['people'], () =>
      client.call('unblockPerson', { params, body: {} }),
    );
  const remove = async () => {
    const gone = await done(t.people.deleting(person.name), ['bindings'], () =>
      client.call('deletePerson', { params }),
    );
    if (gone) await navigate({ to: '/people' });
  };
  return (
    <>
      {person.status === 'pending' && (
        <ActionButton
          label={t.people.approve}
          variant="filled"
          reason={why('approve')}
          run={() => setOpen('approve')}
        />
      )}
      {person.status === 'blocked' ? (
        <ActionButton label={t.people.unblock} reason={why('unblock')} run={unblock} />
      ) : (
        <ActionButton label={t.people.block} reason={why('block')} run={() => setOpen('block')} />
      )}
      <ActionButton label={t.people.reset} reason={why('reset')} run={() => setOpen('reset')} />
      <ActionButton
        label={t.people.delete}
        color="red"
        variant="outline"
        reason={why('delete')}
        run={() => setOpen('delete')}
      />
      {open === 'approve' && <ApproveDialog person={person} close={close} />}
      {open === 'reset' && <ResetDialog person={person} close={close} />}
      {open === 'block' && (
        <ConfirmDialog
          title={t.people.blocking(person.name)}
          text={t.people.blockText}
          confirm={t.people.block}
          close={close}
          run={block}
        />
      )}
      {open === 'delete' && (
        <ConfirmDialog
          title={t.people.deleting(person.name)}
          text={t.people.deleteText}
          confirm={t.people.delete}
          typed={person.name}
          close={close}
          run={() => void remove()}
        />
      )}
    </>
  );
}
