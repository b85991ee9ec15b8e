import type { Token } from '@longshore/contract';
import { Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { t } from '../texts/texts.ts';
import { TokenTable } from './TokenTable.tsx';

type Props = Readonly<{
  /** What these tokens are. */
  text: string;
  query: UseQueryResult<{ readonly items: Token[] }>;
  /** Why they cannot be changed; null where they can. */
  denied: string | null;
  revokeText: string;
  revoke: (id: string) => Promise<{ readonly value: unknown }>;
  /** Keys of the queries that are no longer true after a revocation. */
  stale: readonly string[];
  /** The dialog that makes one. */
  create: (close: () => void) => ReactNode;
}>;

/** A list of tokens that can be added to and revoked from. */
export function TokenSection({ text, query, denied, revokeText, revoke, stale, create }: Props) {
  const { done } = useDone();
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {text}
        </Text>
        <ActionButton
          label={t.tokens.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={denied}
          run={() => setCreating(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => (
          <TokenTable
            tokens={items}
            denied={denied}
            revokeText={revokeText}
            revoke={({ id, name }) => void done(t.tokens.revoking(name), stale, () => revoke(id))}
          />
        )}
      </Read>
      {isCreating && create(() => setCreating(false))}
    </>
  );
}
