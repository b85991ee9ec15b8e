import { type LinkedIdentity, LongshoreError } from '@longshore/contract';
import { Alert, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconUnlink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { toastFailure } from '../parts/toasts.ts';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { loginQuery } from '../session/login-query.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { identitiesQuery } from './profile-queries.ts';
import { whyNotAccount } from './why-not-account.ts';

const route = getRouteApi('/profile');

/** Accounts at identity providers that log in to the own one: linked and unlinked, never the last way in. */
export function IdentitiesCard() {
  const { me } = useSession();
  const { error } = route.useSearch();
  const { done } = useDone();
  const query = useQuery(identitiesQuery);
  const ways = useQuery(loginQuery);
  const [unlinked, setUnlinked] = useState<LinkedIdentity | null>(null);
  const denied = whyNotAccount(me);
  const link = async (provider: string, title: string) => {
    try {
      const returnTo = '/ui/profile?tab=login';
      const { value } = await client.call('linkIdentity', { body: { provider, returnTo } });
      window.location.assign(value.url);
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      toastFailure(t.profile.link(title), cause);
    }
  };
  const unlink = ({ id, provider }: LinkedIdentity) =>
    void done(t.profile.unlink(provider.title), ['my-identities', 'session'], () =>
      client.call('unlinkIdentity', { params: { id } }),
    );
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h5">
          {t.profile.identities}
        </Title>
        <Text size="sm">{t.profile.identitiesText}</Text>
        {error !== undefined && (
          <Alert color="orange" variant="outline" role="alert">
            {error === 'identity-taken' ? t.profile.identityTaken : t.profile.linkFailed}
          </Alert>
        )}
        <Read query={query}>
          {({ items }) => (
            <Stack gap="xs">
              {items.map((identity) => (
                <Group key={identity.id} justify="space-between" wrap="nowrap">
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {identity.provider.title}{' '}
                    <Text span c="dimmed" size="xs">
                      {identity.subject}
                    </Text>
                  </Text>
                  <ActionButton
                    compact
                    label={t.profile.unlink(identity.provider.title)}
                    icon={<IconUnlink size={16} />}
                    reason={denied}
                    run={() => setUnlinked(identity)}
                  />
                </Group>
              ))}
              <Group>
                {(ways.data?.providers ?? [])
                  .filter(({ name }) => !items.some(({ provider }) => provider.name === name))
                  .map(({ name, title }) => (
                    <ActionButton
                      key={name}
                      label={t.profile.link(title)}
                      reason={denied}
                      run={() => void link(name, title)}
                    />
                  ))}
              </Group>
            </Stack>
          )}
        </Read>
      </Stack>
      {unlinked !== null && (
        <ConfirmDialog
          title={t.profile.unlink(unlinked.provider.title)}
          text={t.profile.unlinkText}
          confirm={t.profile.unlinkNow}
          close={() => setUnlinked(null)}
          run={() => unlink(unlinked)}
        />
      )}
    </Card>
  );
}
