import type { NewToken } from '@longshore/contract';
import { Select, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { SecretDialog } from '../parts/SecretDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { t } from '../texts/texts.ts';
import { expiryOf, LIFETIMES, type Lifetime, lifetimeChoices } from './token-lifetime.ts';

type Named = Readonly<{ name: string; expiresAt: string | null }>;

/** Name and end of a new token, what it may do by the caller's fields, and the secret shown once. */
export function TokenForm({
  reason,
  send,
  stale,
  close,
  children,
}: Readonly<{
  /** Why what it may do is not complete; null when it is. */
  reason: string | null;
  send: (named: Named) => Promise<{ value: NewToken }>;
  /** What is read anew afterwards. */
  stale: string;
  close: () => void;
  children: (errorAt: (path: string) => string | undefined) => ReactNode;
}>) {
  const { done, asking, errors } = useDone();
  const [name, setName] = useState('');
  const [lifetime, setLifetime] = useState<Lifetime>('30');
  const [made, setMade] = useState<NewToken | null>(null);
  const create = () =>
    void done(
      t.tokens.create,
      [stale],
      async () => {
        const reply = await send({ name: name.trim(), expiresAt: expiryOf(lifetime, Date.now()) });
        setMade(reply.value);
        return reply;
      },
      { inForm: true, quiet: true },
    );
  if (made !== null) {
    return <SecretDialog title={made.name} label={t.login.token} secret={made.secret} close={close} />;
  }
  return (
    <FormDialog
      title={t.tokens.create}
      submit={t.tokens.create}
      reason={name.trim() === '' ? t.tokens.needsName : reason}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={create}
    >
      <TextInput
        label={t.tokens.name}
        description={t.tokens.needsName}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.at('name')}
        autoComplete="off"
        data-autofocus
        required
      />
      {children(errors.at)}
      <Select
        label={t.tokens.expires}
        data={lifetimeChoices()}
        value={lifetime}
        onChange={(value) => setLifetime(LIFETIMES.find((each) => each === value) ?? '30')}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
