import { Card, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { instanceKeysQuery } from '../../live/fleet-queries.ts';
import { Age } from '../../parts/Age.tsx';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Read } from '../../parts/QueryStates.tsx';
import { t } from '../../texts/texts.ts';

/** Whose SSH keys are in which accounts of the guest, and why one is not where it should be. */
export function PersonKeys({ instanceId }: Readonly<{ instanceId: string }>) {
  const query = useQuery(instanceKeysQuery(instanceId));
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.access.keys}
      </Title>
      <Text size="sm" mb="sm">
        {t.access.keysText}
      </Text>
      <Read query={query}>
        {({ users, keys }) => (
          <>
            {users.length === 0 ? (
              <Text size="sm">{t.access.noAccounts}</Text>
            ) : (
              <PlainTable
                label={t.access.accounts}
                heads={[t.access.account, t.access.state, t.access.reason, t.access.checked]}
                minWidth={420}
              >
                {users.map(({ user, state, reason, checkedAt }) => (
                  <PlainRow
                    key={user}
                    cells={[
                      ['user', <code key="user">{user}</code>],
                      ['state', t.access.states[state]],
                      ['reason', reason ?? ''],
                      ['checked', <Age key="checked" of={checkedAt} />],
                    ]}
                  />
                ))}
              </PlainTable>
            )}
            {keys.length === 0 ? (
              <Text size="sm" mt="sm">
                {t.access.noKeys}
              </Text>
            ) : (
              <PlainTable
                label={t.access.keys}
                heads={[
                  t.access.person,
                  t.access.key,
                  t.access.fingerprint,
                  t.access.state,
                  t.access.accountsOf,
                ]}
              >
                {keys.map(({ fingerprint, type, comment, person, state, users: accounts }) => (
                  <PlainRow
                    key={`${person.id} ${fingerprint}`}
                    cells={[
                      ['person', person.name],
                      ['key', [type, comment].filter(Boolean).join(' ')],
                      ['fingerprint', <code key="fingerprint">{fingerprint}</code>],
                      ['state', t.access.states[state]],
                      ['accounts', accounts.join(', ')],
                    ]}
                  />
                ))}
              </PlainTable>
            )}
          </>
        )}
      </Read>
    </Card>
  );
}
