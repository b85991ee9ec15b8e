import type { Person } from '@longshore/contract';
import { Text } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { NewPasswordInput } from '../session/NewPasswordInput.tsx';
import { passwordHint } from '../session/password-hint.ts';
import { t } from '../texts/texts.ts';

/** Gives a person who is locked out a new password. */
export function ResetDialog({ person, close }: Readonly<{ person: Person; close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [password, setPassword] = useState('');
  const reset = async () => {
    const call = () => client.call('resetPerson', { params: { id: person.id }, body: { password } });
    if (await done(t.people.resetting(person.name), ['people'], call, { inForm: true })) close();
  };
  return (
    <FormDialog
      title={t.people.resetting(person.name)}
      submit={t.people.reset}
      reason={passwordHint(password, []).kind === 'too-short' ? t.password.rule : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void reset()}
    >
      <Text size="sm">{t.people.resetText}</Text>
      <NewPasswordInput
        label={t.people.newPassword}
        value={password}
        change={setPassword}
        names={[person.name, person.displayName]}
        error={errors.at('password')}
      />
    </FormDialog>
  );
}
