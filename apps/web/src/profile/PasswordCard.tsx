import type { Person } from '@longshore/contract';
import { Card, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { useDone } from '../parts/use-done.ts';
import { openClient } from '../session/client.ts';
import { NewPasswordInput } from '../session/NewPasswordInput.tsx';
import { passwordHint } from '../session/password-hint.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { whyNotAccount } from './why-not-account.ts';

/** Changes the own password; the old one is the proof. */
export function PasswordCard({ person }: Readonly<{ person: Person }>) {
  const { me } = useSession();
  const { done, asking, errors } = useDone();
  const [oldPassword, setOld] = useState('');
  const [newPassword, setNew] = useState('');
  const change = async () => {
    // A wrong password is answered by 401, which is no end of the session.
    const call = () => openClient.call('changePassword', { body: { oldPassword, newPassword } });
    if (!(await done(t.profile.changePassword, ['my-sessions'], call, { inForm: true }))) return;
    setOld('');
    setNew('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason === null) void change();
  };
  const tooShort = passwordHint(newPassword, []).kind === 'too-short';
  const reason =
    whyNotAccount(me) ?? (oldPassword === '' ? t.profile.needsOld : tooShort ? t.password.rule : null);
  return (
    <Card withBorder>
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h5">
            {t.login.password}
          </Title>
          <PasswordInput
            label={t.profile.oldPassword}
            value={oldPassword}
            onChange={(event) => setOld(event.currentTarget.value)}
            error={errors.at('oldPassword')}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t.login.showPassword }}
            required
          />
          <NewPasswordInput
            label={t.people.newPassword}
            value={newPassword}
            change={setNew}
            names={[person.name, person.displayName]}
            error={errors.at('newPassword')}
          />
          {errors.rest !== null && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {errors.rest}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {t.profile.endsOthers}
          </Text>
          <Group>
            <button type="submit" hidden />
            <ActionButton
              label={t.profile.changePassword}
              loading={asking}
              reason={reason}
              run={() => void change()}
            />
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
