import type { Passkey } from '@longshore/contract';
import { Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { registerPasskey, whyNoPasskeys } from '../session/passkey-browser.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { passkeysQuery } from './profile-queries.ts';
import { whyNotAccount } from './why-not-account.ts';

const KEYS = ['my-passkeys', 'session'];

/** Passkeys of the own account: added, and removed. */
export function PasskeysCard() {
  const { me } = useSession();
  const { done } = useDone();
  const query = useQuery(passkeysQuery);
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Passkey | null>(null);
  const denied = whyNotAccount(me);
  const remove = ({ id, name }: Passkey) =>
    void done(t.profile.removingPasskey(name), KEYS, () => client.call('deletePasskey', { params: { id } }));
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h5">
          {t.profile.passkeys}
        </Title>
        <Text size="sm">{t.profile.passkeysText}</Text>
        <Read query={query}>
          {({ items }) => (
            <Stack gap="xs">
              {items.map((passkey) => (
                <Group key={passkey.id} justify="space-between" wrap="nowrap">
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {passkey.name}{' '}
                    <Text span c="dimmed" size="xs">
                      {t.tokens.used} <Age of={passkey.lastUsedAt} />
                    </Text>
                  </Text>
                  <ActionButton
                    compact
                    label={t.profile.removingPasskey(passkey.name)}
                    icon={<IconTrash size={16} />}
                    reason={denied}
                    run={() => setRemoved(passkey)}
                  />
                </Group>
              ))}
            </Stack>
          )}
        </Read>
        <Group>
          <ActionButton
            label={t.profile.addPasskey}
            reason={denied ?? whyNoPasskeys()}
            run={() => setAdding(true)}
          />
        </Group>
      </Stack>
      {isAdding && <AddDialog close={() => setAdding(false)} />}
      {removed !== null && (
        <ConfirmDialog
          title={t.profile.removingPasskey(removed.name)}
          text={t.profile.removePasskeyText}
          confirm={t.keys.remove}
          close={() => setRemoved(null)}
          run={() => remove(removed)}
        />
      )}
    </Card>
  );
}

function AddDialog({ close }: Readonly<{ close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [name, setName] = useState('');
  const add = async () => {
    const call = async () => {
      await registerPasskey(name);
      return { value: undefined };
    };
    if (await done(t.profile.addPasskey, KEYS, call, { inForm: true })) close();
  };
  return (
    <FormDialog
      title={t.profile.addPasskey}
      submit={t.profile.goOn}
      reason={name.trim() === '' ? t.profile.needsPasskeyName : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void add()}
    >
      <TextInput
        label={t.profile.passkeyName}
        description={t.profile.passkeyNameHint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.at('name')}
        autoComplete="off"
        data-autofocus
        required
      />
    </FormDialog>
  );
}
