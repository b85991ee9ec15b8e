import type { Person } from '@longshore/contract';
import { Group, Text } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { filterErrorOf } from '../parts/filter-error.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { ShowMore } from '../parts/ShowMore.tsx';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { ApproveDialog } from './ApproveDialog.tsx';
import { PersonStatusBadge } from './PersonStatusBadge.tsx';
import { peopleQuery } from './people-queries.ts';
import { whyNotPerson } from './why-not-person.ts';

const route = getRouteApi('/people');
const OFFERS = (['pending', 'active', 'blocked'] as const).map((status) => ({
  label: t.people.statuses[status],
  term: `status:${status}`,
}));

/** Everyone, those who wait for approval first. */
export function PeopleTable() {
  const { filter = '', tab } = route.useSearch();
  const navigate = useNavigate({ from: '/people' });
  const query = useInfiniteQuery({ ...peopleQuery(filter), placeholderData: keepPreviousData });
  const [approved, setApproved] = useState<Person | null>(null);
  const error = filterErrorOf(query.error);
  const change = (next: string) =>
    void navigate({
      search: { ...(tab === undefined ? {} : { tab }), ...(next === '' ? {} : { filter: next }) },
      replace: true,
    });
  return (
    <>
      <FilterBar
        filter={filter}
        error={error}
        placeholder={t.people.filter}
        offers={OFFERS}
        change={change}
      />
      {error === null && (
        <Read query={query}>
          {({ pages }) => {
            const people = pages.flatMap(({ items }) => items);
            if (people.length === 0) {
              return filter === '' ? (
                <Empty title={t.people.none} text={t.people.noneText} />
              ) : (
                <Empty title={t.filter.nothing} text={t.filter.nothingText(filter)} />
              );
            }
            return (
              <PlainTable
                label={t.shell.people}
                minWidth={820}
                heads={[
                  t.people.name,
                  t.people.status,
                  t.people.email,
                  t.people.ways,
                  t.people.lastLogin,
                  t.instances.actions,
                ]}
              >
                {people.map((person) => (
                  <PlainRow
                    key={person.id}
                    cells={[
                      ['name', <Name key="name" person={person} />],
                      ['status', <PersonStatusBadge key="status" status={person.status} />],
                      ['email', person.email ?? ''],
                      ['ways', waysIn(person)],
                      ['login', <Age key="login" of={person.lastLoginAt} />],
                      ['actions', <Actions key="actions" person={person} approve={setApproved} />],
                    ]}
                  />
                ))}
              </PlainTable>
            );
          }}
        </Read>
      )}
      <ShowMore query={query} />
      {approved !== null && <ApproveDialog person={approved} close={() => setApproved(null)} />}
    </>
  );
}

function Name({ person }: Readonly<{ person: Person }>) {
  return (
    <>
      <LinkTo to="/people/$id" params={{ id: person.id }}>
        {person.name}
      </LinkTo>
      <Text size="xs" c="dimmed">
        {person.displayName}
      </Text>
    </>
  );
}

function Actions({ person, approve }: Readonly<{ person: Person; approve: (person: Person) => void }>) {
  const { me, permissions } = useSession();
  if (person.status !== 'pending') return null;
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionButton
        size="xs"
        label={t.people.approve}
        variant="filled"
        reason={whyNotPerson('approve', person, me, permissions)}
        run={() => approve(person)}
      />
    </Group>
  );
}

/** How a person can log in, in words. */
export function waysIn(person: Person): string {
  const ways = [
    ...(person.hasPassword ? [person.hasSecondFactor ? t.people.passwordAndCode : t.login.password] : []),
    ...(person.passkeys > 0 ? [t.people.passkeys(person.passkeys)] : []),
    ...person.providers.map(({ provider }) => provider),
  ];
  return ways.join(', ');
}
