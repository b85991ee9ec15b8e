import type { SshKey, SshKeyList, SshKeySource } from '@longshore/contract';
import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty } from '../parts/QueryStates.tsx';
import { momentText, t } from '../texts/texts.ts';

/** SSH keys with their fingerprints: where they come from, and on how many instances they are and are not. */
export function KeyList({
  list,
  whyNotRemove,
  remove,
}: Readonly<{
  list: SshKeyList;
  whyNotRemove: (key: SshKey) => string | null;
  remove: (key: SshKey) => void;
}>) {
  const [removed, setRemoved] = useState<SshKey | null>(null);
  return (
    <Stack>
      <Group gap="lg">
        <Text size="sm">{t.keys.inStep(list.instances.inStep)}</Text>
        {list.instances.pending > 0 && <Text size="sm">{t.keys.pending(list.instances.pending)}</Text>}
        {list.instances.leaving > 0 && (
          <Text size="sm" c="var(--longshore-warn)" fw={600}>
            {t.keys.leaving(list.instances.leaving)}
          </Text>
        )}
      </Group>
      {list.sources.map((source) => (
        <Source key={source.provider} source={source} />
      ))}
      {list.items.length === 0 ? (
        <Empty title={t.keys.none} text={t.keys.noneText} />
      ) : (
        <PlainTable
          label={t.keys.title}
          heads={[
            t.keys.key,
            t.keys.fingerprint,
            t.keys.source,
            t.keys.added,
            t.tokens.expires,
            t.instances.actions,
          ]}
        >
          {list.items.map((key) => (
            <PlainRow
              key={key.id}
              cells={[
                [
                  'key',
                  <div key="key">
                    {key.comment}
                    <Text size="xs" c="dimmed">{`${key.type}, ${key.bits}`}</Text>
                  </div>,
                ],
                [
                  'fingerprint',
                  <code key="fingerprint" style={{ overflowWrap: 'anywhere' }}>
                    {key.fingerprint}
                  </code>,
                ],
                ['source', key.provider ?? t.keys.byHand],
                ['added', <Age key="added" of={key.createdAt} />],
                ['expires', key.expiresAt === null ? t.age.never : momentText(key.expiresAt)],
                [
                  'actions',
                  <ActionButton
                    key="remove"
                    compact
                    label={t.keys.removing(key.comment || key.fingerprint)}
                    icon={<IconTrash size={16} />}
                    reason={whyNotRemove(key)}
                    run={() => setRemoved(key)}
                  />,
                ],
              ]}
            />
          ))}
        </PlainTable>
      )}
      {removed !== null && (
        <ConfirmDialog
          title={t.keys.removing(removed.comment || removed.fingerprint)}
          text={t.keys.removeText}
          confirm={t.keys.remove}
          close={() => setRemoved(null)}
          run={() => remove(removed)}
        />
      )}
    </Stack>
  );
}

/** How the keys of a provider stand. While it fails they stay as they were. */
function Source({ source }: Readonly<{ source: SshKeySource }>) {
  const { provider, state, fetchedAt, failure } = source;
  if (state === 'fresh') {
    return (
      <Text size="sm" c="dimmed">
        {t.keys.from(provider)} <Age of={fetchedAt} />
      </Text>
    );
  }
  return (
    <Alert color="orange" variant="outline" py="xs" title={t.keys.states[state](provider)}>
      <Text size="sm">
        {failure ?? ''} {fetchedAt !== null && t.keys.from(provider)}{' '}
        {fetchedAt !== null && <Age of={fetchedAt} />}
      </Text>
    </Alert>
  );
}
