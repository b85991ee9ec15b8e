import { LongshoreError } from '@longshore/contract';
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { t } from '../texts/texts.ts';
import { openClient } from './client.ts';

/** Name and password, and the code of the second factor where the account has one. */
export function PasswordLogin({ main, entered }: Readonly<{ main: boolean; entered: () => void }>) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [trying, setTrying] = useState(false);
  const logIn = async () => {
    setTrying(true);
    setError(null);
    try {
      const body = { name: name.trim(), password, ...(code === '' ? {} : { code: code.trim() }) };
      await openClient.call('login', { body });
      entered();
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      if (cause.code === 'second-factor-required') setNeedsCode(true);
      else setError(cause.hint === undefined ? cause.message : `${cause.message} ${cause.hint}`);
    } finally {
      setTrying(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void logIn();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t.login.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <PasswordInput
          label={t.login.password}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t.login.showPassword }}
          required
        />
        {needsCode && (
          <TextInput
            label={t.login.code}
            description={t.login.codeHint}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="one-time-code"
            inputMode="text"
            autoFocus
            required
          />
        )}
        {error !== null && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
        <Button type="submit" loading={trying} variant={main ? 'filled' : 'default'}>
          {t.login.submit}
        </Button>
      </Stack>
    </form>
  );
}
