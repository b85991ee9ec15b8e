import type { Session } from '@longshore/contract';
import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { logOut } from '../session/log-out.ts';
import { useSession } from '../session/session.ts';
import { momentText, t } from '../texts/texts.ts';
import { browserText } from './browser-text.ts';
import { sessionsQuery } from './profile-queries.ts';
import { whyNotAccount } from './why-not-account.ts';

/** Where one is logged in; each session can be ended from here. */
export function SessionsTab() {
  const { me } = useSession();
  const { done } = useDone();
  const query = useQuery(sessionsQuery);
  const end = (session: Session) => {
    if (session.current) return void logOut();
    void done(t.profile.endSession, ['my-sessions'], () =>
      client.call('revokeSession', { params: { id: session.id } }),
    );
  };
  return (
    <Read query={query}>
      {({ items }) => (
        <PlainTable
          label={t.profile.sessions}
          heads={[
            t.profile.browser,
            t.profile.from,
            t.people.ways,
            t.profile.since,
            t.profile.seen,
            t.instances.actions,
          ]}
        >
          {items.map((session) => (
            <PlainRow
              key={session.id}
              cells={[
                [
                  'browser',
                  <Group key="browser" gap="xs">
                    <Text size="sm" title={session.userAgent}>
                      {browserText(session.userAgent)}
                    </Text>
                    {session.current && (
                      <Badge
                        variant="outline"
                        color="cyan"
                        styles={{ label: { color: 'var(--mantine-color-text)' } }}
                      >
                        {t.profile.thisOne}
                      </Badge>
                    )}
                  </Group>,
                ],
                ['from', session.address],
                ['way', wayText(session.method)],
                ['since', momentText(session.createdAt)],
                ['seen', <Age key="seen" of={session.lastSeenAt} />],
                [
                  'actions',
                  <ActionButton
                    key="end"
                    size="xs"
                    label={session.current ? t.shell.logout : t.profile.endSession}
                    reason={whyNotAccount(me)}
                    run={() => end(session)}
                  />,
                ],
              ]}
            />
          ))}
        </PlainTable>
      )}
    </Read>
  );
}

function wayText(method: string): string {
  switch (method) {
    case 'password':
      return t.login.password;
    case 'passkey':
      return t.profile.passkey;
    case 'set-up':
      return t.setup.title;
    default:
      return method.replace(/^provider:/, '');
  }
}
