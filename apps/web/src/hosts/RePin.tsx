import type { Host } from '@longshore/contract';
import { Alert, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Facts } from '../parts/Facts.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { groupedFingerprint } from './grouped-fingerprint.ts';

/** A quarantined host: the certificate that we trust beside the one that it shows, and the way to accept that. */
export function RePin({ host }: Readonly<{ host: Host }>) {
  const [asked, setAsked] = useState(false);
  const { ask, asking } = useChange();
  const { permissions } = useSession();
  const seen = host.seenFingerprint;
  const denied = whyNotPermitted('hosts:write', permissions) ?? (seen === null ? t.rePin.unknown : null);
  const fingerprints = (
    <Facts
      facts={[
        [t.rePin.pinned, <code key="pinned">{groupedFingerprint(host.fingerprint ?? '')}</code>],
        [
          t.rePin.shown,
          <code key="shown">{seen === null ? t.rePin.unknown : groupedFingerprint(seen)}</code>,
        ],
      ]}
    />
  );
  return (
    <Alert color="orange" variant="outline" mb="md" title={t.rePin.title}>
      <Stack gap="sm" align="start">
        <Text size="sm">{t.rePin.text}</Text>
        {fingerprints}
        <ActionButton
          label={t.rePin.accept}
          reason={denied}
          loading={asking}
          color="orange"
          run={() => setAsked(true)}
        />
      </Stack>
      {asked && seen !== null && (
        <ConfirmDialog
          title={t.rePin.confirm(host.name)}
          text={fingerprints}
          confirm={t.rePin.accept}
          close={() => setAsked(false)}
          run={() =>
            void ask(`${t.rePin.accept}: ${host.name}`, () =>
              client.call('rePinHost', { params: { id: host.id }, body: { fingerprint: seen } }),
            )
          }
        />
      )}
    </Alert>
  );
}
