import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { NewPasswordInput } from '../session/NewPasswordInput.tsx';
import { passwordHint } from '../session/password-hint.ts';
import { t } from '../texts/texts.ts';

/** A local account: for those whom no identity provider knows. */
export function CreatePersonDialog({ close }: Readonly<{ close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const create = async () => {
    const call = () => client.call('createPerson', { body: { name, displayName, password } });
    if (await done(t.people.creating(name), ['people'], call, { inForm: true })) close();
  };
  const tooShort = passwordHint(password, []).kind === 'too-short';
  return (
    <FormDialog
      title={t.people.create}
      submit={t.people.create}
      reason={
        name.trim() === '' || displayName.trim() === ''
          ? t.people.needsNames
          : tooShort
            ? t.password.rule
            : null
      }
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void create()}
    >
      <TextInput
        label={t.setup.name}
        description={t.setup.nameHint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.at('name')}
        autoComplete="off"
        data-autofocus
        required
      />
      <TextInput
        label={t.people.displayName}
        value={displayName}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
        error={errors.at('displayName')}
        autoComplete="off"
        required
      />
      <NewPasswordInput
        label={t.people.firstPassword}
        value={password}
        change={setPassword}
        names={[name, displayName]}
        error={errors.at('password')}
      />
    </FormDialog>
  );
}
