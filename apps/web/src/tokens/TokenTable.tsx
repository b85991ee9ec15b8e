import type { Token } from '@longshore/contract';
import { Code, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty } from '../parts/QueryStates.tsx';
import { useSession } from '../session/session.ts';
import { momentText, t } from '../texts/texts.ts';

/** Tokens with what they may do, their end and their last use. The secrets are nowhere any more. */
export function TokenTable({
  tokens,
  denied,
  revokeText,
  revoke,
}: Readonly<{
  tokens: readonly Token[];
  /** Why none can be revoked; null where they can. */
  denied: string | null;
  revokeText: string;
  revoke: (token: Token) => void;
}>) {
  const { me } = useSession();
  const [revoked, setRevoked] = useState<Token | null>(null);
  if (tokens.length === 0) return <Empty title={t.tokens.none} text={t.tokens.noneText} />;
  return (
    <>
      <PlainTable
        label={t.shell.tokens}
        minWidth={820}
        heads={[
          t.tokens.name,
          t.tokens.scopes,
          t.tokens.made,
          t.tokens.used,
          t.tokens.expires,
          t.instances.actions,
        ]}
      >
        {tokens.map((token) => (
          <PlainRow
            key={token.id}
            cells={[
              [
                'name',
                <div key="name">
                  {token.name}
                  {token.id === me.id && (
                    <Text size="xs" c="dimmed">
                      {t.tokens.this}
                    </Text>
                  )}
                </div>,
              ],
              ['may', <May key="may" token={token} />],
              [
                'made',
                <div key="made">
                  <Age of={token.createdAt} />
                  {token.createdBy !== '' && (
                    <Text size="xs" c="dimmed">
                      {token.createdBy}
                    </Text>
                  )}
                </div>,
              ],
              [
                'used',
                <div key="used">
                  <Age of={token.lastUsedAt} />
                  {token.lastUsedFrom !== null && (
                    <Text size="xs" c="dimmed">
                      {token.lastUsedFrom}
                    </Text>
                  )}
                </div>,
              ],
              ['expires', token.expiresAt === null ? t.age.never : momentText(token.expiresAt)],
              [
                'actions',
                <ActionButton
                  key="revoke"
                  size="xs"
                  label={t.tokens.revoke}
                  reason={denied}
                  run={() => setRevoked(token)}
                />,
              ],
            ]}
          />
        ))}
      </PlainTable>
      {revoked !== null && (
        <ConfirmDialog
          title={t.tokens.revoking(revoked.name)}
          text={revoked.id === me.id ? t.tokens.revokeOwn : revokeText}
          confirm={t.tokens.revoke}
          close={() => setRevoked(null)}
          run={() => revoke(revoked)}
        />
      )}
    </>
  );
}

function May({ token }: Readonly<{ token: Token }>) {
  return (
    <Group gap={4}>
      {token.scopes.map((scope) => (
        <Code key={scope}>{scope}</Code>
      ))}
      {token.roles.map(({ project, role }) => (
        <Code key={project.id}>{`${project.name}: ${t.roles.names[role]}`}</Code>
      ))}
      {token.projects !== null && (
        <Text size="xs" c="dimmed">
          {t.tokens.onlyIn(token.projects.map(({ name }) => name).join(', '))}
        </Text>
      )}
    </Group>
  );
}
