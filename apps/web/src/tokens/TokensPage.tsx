import {
  type LongshoreError,
  type NewToken,
  PERMISSIONS,
  Scope,
  scopesPermit,
  type Token,
} from '@longshore/contract';
import {
  Alert,
  Button,
  Code,
  Group,
  Modal,
  MultiSelect,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { tokensQuery } from '../live/fleet-queries.ts';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { fieldErrors } from '../parts/field-errors.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { toastSuccess } from '../parts/toasts.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

/** Tokens: who may do what, until when; made and revoked. */
export function TokensPage() {
  const queries = useQueryClient();
  const { permissions, me } = useSession();
  const { ask } = useChange();
  const query = useQuery(tokensQuery);
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const denied = whyNotPermitted('tokens:write', permissions);
  const revoke = async (token: Token) => {
    if (
      !(await ask(t.tokens.revoking(token.name), () =>
        client.call('revokeToken', { params: { id: token.id } }),
      ))
    )
      return;
    toastSuccess(t.tokens.revoking(token.name), t.operations.done);
    await queries.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <>
      <PageHeader title={t.shell.tokens}>
        <ActionButton
          label={t.tokens.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={denied}
          run={() => setCreating(true)}
        />
      </PageHeader>
      <Read query={query}>
        {({ items }) => (
          <Table.ScrollContainer minWidth={760}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.tokens.name}</Table.Th>
                  <Table.Th>{t.tokens.scopes}</Table.Th>
                  <Table.Th>{t.tokens.made}</Table.Th>
                  <Table.Th>{t.tokens.used}</Table.Th>
                  <Table.Th>{t.tokens.expires}</Table.Th>
                  <Table.Th>{t.instances.actions}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((token) => (
                  <Table.Tr key={token.id}>
                    <Table.Td>
                      {token.name}
                      {token.id === me.id && (
                        <Text size="xs" c="dimmed">
                          {t.tokens.this}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <Group gap={4}>
                        {token.scopes.map((scope) => (
                          <Code key={scope}>{scope}</Code>
                        ))}
                      </Group>
                    </Table.Td>
                    <Table.Td>
                      <Age of={token.createdAt} />
                    </Table.Td>
                    <Table.Td>
                      <Age of={token.lastUsedAt} />
                    </Table.Td>
                    <Table.Td>{token.expiresAt?.slice(0, 10) ?? t.age.never}</Table.Td>
                    <Table.Td>
                      <ActionButton
                        size="xs"
                        label={t.tokens.revoke}
                        reason={denied}
                        run={() => setRevoked(token)}
                      />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Read>
      {isCreating && <CreateDialog close={() => setCreating(false)} />}
      {revoked !== null && (
        <ConfirmDialog
          title={t.tokens.revoking(revoked.name)}
          text={revoked.id === me.id ? t.tokens.revokeOwn : t.tokens.revokeText}
          confirm={t.tokens.revoke}
          close={() => setRevoked(null)}
          run={() => void revoke(revoked)}
        />
      )}
    </>
  );
}

function CreateDialog({ close }: Readonly<{ close: () => void }>) {
  const queries = useQueryClient();
  const { permissions } = useSession();
  const { ask, asking } = useChange();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState('30');
  const [made, setMade] = useState<NewToken | null>(null);
  const [error, setError] = useState<LongshoreError | null>(null);
  const errors = fieldErrors(error);
  // A token can do no more than the one that makes it.
  const offered = Scope.options.filter((scope) =>
    PERMISSIONS.every((permission) => !scopesPermit([scope], permission) || permissions.includes(permission)),
  );
  const create = () => {
    const expiresAt =
      days === 'never' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    setError(null);
    void ask(
      t.tokens.create,
      async () => {
        const reply = await client.call('createToken', { body: { name, scopes, expiresAt } });
        setMade(reply.value);
        await queries.invalidateQueries({ queryKey: ['tokens'] });
        return reply;
      },
      setError,
    );
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t.tokens.create}
      closeOnClickOutside={made === null}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      {made !== null ? (
        <Stack>
          <Alert color="orange" variant="outline">
            {t.tokens.once}
          </Alert>
          <CopyBlock label={t.login.token} text={made.secret} />
          <Button onClick={close}>{t.dialog.close}</Button>
        </Stack>
      ) : (
        <Stack>
          <TextInput
            label={t.tokens.name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors.at('name')}
            data-autofocus
            required
          />
          <MultiSelect
            label={t.tokens.scopes}
            data={offered}
            value={scopes}
            onChange={setScopes}
            error={errors.at('scopes')}
            searchable
            required
          />
          <Select
            label={t.tokens.expires}
            data={Object.entries(t.tokens.lifetimes).map(([value, label]) => ({ value, label }))}
            value={days}
            onChange={(value) => setDays(value ?? '30')}
            allowDeselect={false}
          />
          {errors.rest !== null && (
            <Text size="sm" role="alert">
              {errors.rest}
            </Text>
          )}
          <Group justify="end">
            <ActionButton
              label={t.tokens.create}
              variant="filled"
              loading={asking}
              reason={name === '' ? t.tokens.needsName : scopes.length === 0 ? t.tokens.needsScopes : null}
              run={create}
            />
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
