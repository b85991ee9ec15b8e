import { Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { hostKeysQuery } from '../../live/fleet-queries.ts';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Age } from '../../parts/Age.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Read } from '../../parts/QueryStates.tsx';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';

/** What the instance proves itself with to who logs in by SSH; made anew or taken from the guest on request. */
export function HostKeys({ instance, facts }: InstanceTabProps) {
  const query = useQuery(hostKeysQuery(instance.id));
  const { ask, asking } = useChange();
  const [confirming, setConfirming] = useState(false);
  const reason = whyNotInstance('configure', facts);
  const params = { id: instance.id };
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t.access.hostKeys}
      </Title>
      <Text size="sm" mb="sm">
        {t.access.hostKeysText}
      </Text>
      <Read query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t.access.noHostKeys}</Text>
          ) : (
            <PlainTable
              label={t.access.hostKeys}
              heads={[t.access.key, t.access.fingerprint, t.snapshots.age]}
              minWidth={480}
            >
              {items.map(({ type, bits, fingerprint, origin, createdAt }) => (
                <PlainRow
                  key={fingerprint}
                  cells={[
                    ['type', `${type} ${bits}, ${t.access.origins[origin]}`],
                    ['fingerprint', <code key="fingerprint">{fingerprint}</code>],
                    ['age', <Age key="age" of={createdAt} />],
                  ]}
                />
              ))}
            </PlainTable>
          )
        }
      </Read>
      <Group mt="sm" gap="xs">
        <ActionButton
          size="xs"
          label={t.access.rotate}
          reason={reason}
          loading={asking}
          run={() => setConfirming(true)}
        />
        <ActionButton
          size="xs"
          label={t.access.adopt}
          reason={reason}
          loading={asking}
          run={() =>
            void ask(t.access.adopting(instance.name), () =>
              client.call('importSshHostKeys', { params, body: { from: 'guest' } }),
            )
          }
        />
      </Group>
      {confirming && (
        <ConfirmDialog
          title={t.access.rotating(instance.name)}
          text={t.access.rotateText}
          confirm={t.access.rotate}
          close={() => setConfirming(false)}
          run={() =>
            void ask(t.access.rotating(instance.name), () =>
              client.call('rotateSshHostKeys', { params, body: {} }),
            )
          }
        />
      )}
    </Card>
  );
}
