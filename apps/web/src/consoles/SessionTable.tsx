import type { ConsoleSession } from '@longshore/contract';
import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

type Props = Readonly<{
  sessions: readonly ConsoleSession[];
  /** With the instance of each. */
  wide: boolean;
  /** Why sessions of others cannot be ended here; null when they can. */
  whyNotEnd: (session: ConsoleSession) => string | null;
}>;

/** Who is connected, and the end of it. */
export function SessionTable({ sessions, wide, whyNotEnd }: Props) {
  const { me } = useSession();
  const { ask } = useChange();
  const queries = useQueryClient();
  const [ending, setEnding] = useState<ConsoleSession | null>(null);
  if (sessions.length === 0) return <Text size="sm">{t.consoles.nobody}</Text>;
  const end = async ({ id, who }: ConsoleSession) => {
    await ask(t.consoles.end(who.name), () => client.call('endConsole', { params: { id } }));
    await queries.invalidateQueries({ queryKey: ['consoles'] });
  };
  return (
    <>
      <PlainTable
        label={t.consoles.connected}
        minWidth={360}
        heads={[
          t.consoles.who,
          ...(wide ? [t.consoles.instance] : []),
          t.consoles.what,
          t.consoles.since,
          t.consoles.from,
          t.consoles.action,
        ]}
      >
        {sessions.map((session) => (
          <PlainRow
            key={session.id}
            cells={[
              ['who', session.who.name],
              ...(wide
                ? ([
                    [
                      'instance',
                      <LinkTo
                        key="link"
                        to="/instances/$id"
                        params={{ id: session.instance.id }}
                        search={{ tab: 'console' }}
                      >
                        {session.instance.name}
                      </LinkTo>,
                    ],
                  ] as const)
                : []),
              ['what', whatOf(session)],
              ['since', <Age key="age" of={session.startedAt} />],
              ['from', session.address],
              [
                'action',
                <ActionButton
                  key="end"
                  size="xs"
                  label={t.consoles.endNow}
                  reason={session.who.id === me.id ? null : whyNotEnd(session)}
                  run={() => setEnding(session)}
                />,
              ],
            ]}
          />
        ))}
      </PlainTable>
      {ending !== null && (
        <ConfirmDialog
          title={t.consoles.end(ending.who.name)}
          text={t.consoles.endText}
          confirm={t.consoles.endNow}
          close={() => setEnding(null)}
          run={() => void end(ending)}
        />
      )}
    </>
  );
}

function whatOf({ type, access, user }: ConsoleSession): string {
  const what = user === null ? t.consoles.types[type] : `${t.consoles.types[type]} (${user})`;
  return access === 'view' ? `${what}, ${t.consoles.views}` : what;
}
