import { createClient, LongshoreError, type NewToken } from '@longshore/contract';
import { Alert, Anchor, Button, Card, Center, Stack, Text, TextInput, Title } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { fieldErrors } from '../parts/field-errors.ts';
import { t } from '../texts/texts.ts';
import { openClient } from './client.ts';
import { enter } from './login-store.ts';
import { NewPasswordInput } from './NewPasswordInput.tsx';
import { passwordHint } from './password-hint.ts';

/**
 * The set-up link of the first start, `/setup#CODE`: makes the first administrator. The code stands behind the hash, which
 * browsers never send; it is taken out of the address at once, so that no history keeps it.
 */
export function SetupPage() {
  const router = useRouter();
  const [code] = useState(() => window.location.hash.slice(1));
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const [token, setToken] = useState<NewToken | null>(null);
  const [error, setError] = useState<LongshoreError | null>(null);
  const [asking, setAsking] = useState(false);
  const errors = fieldErrors(error);
  useEffect(() => {
    document.title = `${t.setup.title} · Longshore`;
    if (window.location.hash !== '') router.history.replace('/ui/setup');
  }, [router]);
  const ask = async (work: () => Promise<void>) => {
    setAsking(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      setError(cause);
    } finally {
      setAsking(false);
    }
  };
  const enterWith = (kept: string | null) => {
    enter(kept);
    router.history.replace('/ui/');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(async () => {
      await openClient.call('createFirstAdministrator', { body: { code, name, displayName, password } });
      enterWith(null);
    });
  };
  const makeToken = () =>
    ask(async () => {
      const { value } = await createClient({ url: window.location.origin }).call('redeemSetup', {
        body: { code },
      });
      setToken(value);
    });
  const hint = passwordHint(password, [name, displayName]).kind;
  const ready =
    name.trim() !== '' && displayName.trim() !== '' && hint !== 'too-short' && hint !== 'too-long';
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={460} padding="xl">
        <Stack>
          <Title order={1} size="h2">
            {t.setup.title}
          </Title>
          {errors.rest !== null && (
            <Alert color="red" variant="outline" role="alert">
              {errors.rest}
            </Alert>
          )}
          {code === '' ? (
            <Text>{t.setup.noCode}</Text>
          ) : token === null ? (
            <>
              <Text size="sm">{t.setup.intro}</Text>
              <form onSubmit={submit}>
                <Stack gap="sm">
                  <TextInput
                    label={t.setup.name}
                    description={t.setup.nameHint}
                    value={name}
                    onChange={(event) => setName(event.currentTarget.value)}
                    error={errors.at('name')}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    autoFocus
                    required
                  />
                  <TextInput
                    label={t.setup.displayName}
                    value={displayName}
                    onChange={(event) => setDisplayName(event.currentTarget.value)}
                    error={errors.at('displayName')}
                    autoComplete="name"
                    required
                  />
                  <NewPasswordInput
                    label={t.login.password}
                    value={password}
                    change={setPassword}
                    names={[name, displayName]}
                    error={errors.at('password')}
                  />
                  <Button type="submit" loading={asking} disabled={!ready}>
                    {t.setup.make}
                  </Button>
                </Stack>
              </form>
              <Text size="xs" c="dimmed">
                {t.setup.other}{' '}
                <Anchor component="button" type="button" size="xs" onClick={() => void makeToken()}>
                  {t.setup.redeem}
                </Anchor>
              </Text>
            </>
          ) : (
            <>
              <Text>{t.setup.keep(token.name)}</Text>
              <CopyBlock label={t.login.token} text={token.secret} />
              <Button onClick={() => enterWith(token.secret)}>{t.setup.enter}</Button>
            </>
          )}
        </Stack>
      </Card>
    </Center>
  );
}
