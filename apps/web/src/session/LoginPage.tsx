import { createClient, LongshoreError } from '@longshore/contract';
import { Alert, Button, Card, Center, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { t } from '../texts/texts.ts';
import { keepToken, whyEnded } from './token-store.ts';

/** Asks for a token and tries it before it is kept. */
export function LoginPage() {
  const [token, setToken] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [trying, setTrying] = useState(false);
  useEffect(() => {
    document.title = `${t.login.title} · Longshore`;
  }, []);
  const login = async () => {
    setTrying(true);
    setError(null);
    try {
      await createClient({ url: window.location.origin, token: token.trim() }).call('getServer');
      keepToken(token.trim());
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      setError(cause.code === 'unauthenticated' ? t.login.refused : cause.message);
    } finally {
      setTrying(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void login();
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={420} padding="xl">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h2">
              Longshore
            </Title>
            <Text c="dimmed" size="sm">
              {t.login.intro}
            </Text>
            {whyEnded() !== null && (
              <Alert color="yellow" variant="outline" role="status">
                {whyEnded()}
              </Alert>
            )}
            <PasswordInput
              label={t.login.token}
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              error={error}
              autoComplete="current-password"
              required
              autoFocus
              visibilityToggleButtonProps={{ 'aria-label': t.login.show }}
            />
            <Button type="submit" loading={trying} disabled={token.trim() === ''}>
              {t.login.submit}
            </Button>
            <Text size="xs" c="dimmed">
              {t.login.how}
            </Text>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
