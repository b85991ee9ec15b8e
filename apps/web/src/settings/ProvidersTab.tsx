import { type IdentityProvider, PERMISSIONS } from '@longshore/contract';
import { Alert, Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { ProviderDialog } from './ProviderDialog.tsx';
import { ProviderTest } from './ProviderTest.tsx';
import { providersQuery } from './provider-queries.ts';

/** Where people can log in beside here: added, changed, tried, removed. */
export function ProvidersTab() {
  const query = useQuery(providersQuery);
  const denied = useWhyNotProviders();
  const [isAdding, setAdding] = useState(false);
  return (
    <Stack maw={760}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t.settings.providersText}
        </Text>
        <ActionButton
          label={t.settings.add}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={denied}
          run={() => setAdding(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t.settings.none} text={t.settings.noneText} />
          ) : (
            items.map((provider) => <ProviderCard key={provider.id} provider={provider} />)
          )
        }
      </Read>
      {isAdding && <ProviderDialog provider={null} close={() => setAdding(false)} />}
    </Stack>
  );
}

/** Whoever speaks for a provider can let anyone in, so it takes all permissions. */
function useWhyNotProviders(): string | null {
  const { permissions } = useSession();
  const denied = whyNotPermitted('providers:write', permissions);
  if (denied !== null) return denied;
  return PERMISSIONS.every((each) => permissions.includes(each)) ? null : t.settings.needsAll;
}

function ProviderCard({ provider }: Readonly<{ provider: IdentityProvider }>) {
  const denied = useWhyNotProviders();
  const { done } = useDone();
  const [open, setOpen] = useState<'edit' | 'remove' | 'test' | null>(null);
  const close = () => setOpen(null);
  const remove = () =>
    void done(t.settings.removing(provider.title), ['identity-providers', 'login'], () =>
      client.call('deleteIdentityProvider', { params: { id: provider.id } }),
    );
  return (
    <Card withBorder>
      <Stack>
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h5">
              {provider.title}
            </Title>
            {!provider.enabled && (
              <Badge
                variant="outline"
                color="gray"
                styles={{ label: { color: 'var(--mantine-color-text)' } }}
              >
                {t.settings.disabled}
              </Badge>
            )}
          </Group>
          <Group gap="xs">
            <ActionButton size="xs" label={t.settings.test} reason={denied} run={() => setOpen('test')} />
            <ActionButton size="xs" label={t.settings.edit} reason={denied} run={() => setOpen('edit')} />
            <ActionButton
              size="xs"
              label={t.keys.remove}
              color="red"
              variant="outline"
              reason={denied}
              run={() => setOpen('remove')}
            />
          </Group>
        </Group>
        {provider.lastFailure !== null && (
          <Alert color="orange" variant="outline" title={t.settings.failed}>
            <Text size="sm">{provider.lastFailure}</Text>
            <Age of={provider.lastFailureAt} />
          </Alert>
        )}
        <Facts
          facts={[
            [t.settings.kind, t.settings.kinds[provider.kind]],
            [t.people.name, provider.name],
            [t.settings.issuer, provider.issuer],
            [t.settings.clientId, provider.clientId],
            [t.settings.scopes, provider.scopes.join(' ')],
            [t.settings.groupsClaim, provider.groupsClaim],
          ]}
        />
        {open === 'test' && <ProviderTest id={provider.id} />}
      </Stack>
      {open === 'edit' && <ProviderDialog provider={provider} close={close} />}
      {open === 'remove' && (
        <ConfirmDialog
          title={t.settings.removing(provider.title)}
          text={t.settings.removeText}
          confirm={t.keys.remove}
          typed={provider.name}
          close={close}
          run={remove}
        />
      )}
    </Card>
  );
}
