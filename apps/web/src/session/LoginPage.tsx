import { ERROR_CODES, type ErrorCode, LongshoreError } from '@longshore/contract';
import { Alert, Button, Card, Center, Divider, Stack, Text, Title } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Problem } from '../parts/QueryStates.tsx';
import { t } from '../texts/texts.ts';
import { openClient } from './client.ts';
import { loginQuery } from './login-query.ts';
import { enter, readLogin } from './login-store.ts';
import { nextAddress } from './next-address.ts';
import { PasswordLogin } from './PasswordLogin.tsx';
import { logInByPasskey, whyNoPasskeys } from './passkey-browser.ts';
import { TokenLogin } from './TokenLogin.tsx';

/** All ways in. It stands at `/login`, and at the address of each page that needs a session and has none. */
export function LoginPage() {
  const router = useRouter();
  const location = useLocation();
  const atLogin = location.pathname === '/login';
  const search: Record<string, unknown> = location.search;
  const asked = atLogin ? search.next : window.location.pathname + window.location.search;
  const next = nextAddress(asked, window.location.origin);
  const [message, setMessage] = useState<string | null>(() => firstMessage(atLogin ? search.error : null));
  const [leaving, setLeaving] = useState<string | null>(null);
  const ways = useQuery(loginQuery);
  useEffect(() => {
    document.title = `${t.login.title} · Longshore`;
  }, []);
  const entered = (token: string | null) => {
    if (atLogin) router.history.replace(next);
    enter(token);
  };
  const attempt = async (way: string, work: () => Promise<void>) => {
    setLeaving(way);
    setMessage(null);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LongshoreError)) throw error;
      setMessage(explain(error.code, error));
      setLeaving(null);
    }
  };
  const atProvider = (name: string) =>
    attempt(name, async () => {
      const { value } = await openClient.call('beginProviderLogin', {
        params: { name },
        body: { returnTo: next },
      });
      window.location.assign(value.url);
    });
  const byPasskey = () =>
    attempt('passkey', async () => {
      await logInByPasskey();
      entered(null);
    });
  const providers = [...(ways.data?.providers ?? [])].sort(
    (a, b) => Number(b.kind === 'gitlab') - Number(a.kind === 'gitlab'),
  );
  const noPasskeys = whyNoPasskeys();
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={420} padding="xl">
        <Stack>
          <div>
            <Title order={1} size="h2">
              Longshore
            </Title>
            <Text c="dimmed" size="sm">
              {t.login.intro}
            </Text>
          </div>
          {message !== null && (
            <Alert color="orange" variant="outline" role="alert">
              {message}
            </Alert>
          )}
          {ways.error !== null && <Problem error={ways.error} retry={() => void ways.refetch()} />}
          {ways.data?.setUp === true && (
            <Alert color="blue" variant="outline">
              {t.login.setUp}
            </Alert>
          )}
          {providers.map((provider, at) => (
            <Button
              key={provider.name}
              variant={at === 0 ? 'filled' : 'default'}
              loading={leaving === provider.name}
              disabled={leaving !== null && leaving !== provider.name}
              onClick={() => void atProvider(provider.name)}
            >
              {t.login.with(provider.title)}
            </Button>
          ))}
          {providers.length > 0 && <Divider label={t.login.or} />}
          <PasswordLogin main={providers.length === 0} entered={() => entered(null)} />
          <Button
            variant="default"
            leftSection={<IconFingerprint size={18} aria-hidden />}
            loading={leaving === 'passkey'}
            disabled={noPasskeys !== null}
            onClick={() => void byPasskey()}
          >
            {t.login.byPasskey}
          </Button>
          {noPasskeys !== null && (
            <Text size="xs" c="dimmed">
              {noPasskeys}
            </Text>
          )}
          <TokenLogin entered={entered} />
        </Stack>
      </Card>
    </Center>
  );
}

/** What the address or the end of the last session has to say. */
function firstMessage(code: unknown): string | null {
  if (typeof code === 'string') return isCode(code) ? explain(code) : t.login.errors.other;
  const { ended } = readLogin();
  return ended === null ? null : ended === 'expired' ? t.login.ended : t.login.refused;
}

/** Object.hasOwn: the code stands in the address, and anyone writes addresses. */
function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function explain(code: ErrorCode, error?: LongshoreError): string {
  switch (code) {
    case 'provider-failed':
      return t.login.errors.providerFailed;
    case 'permission-denied':
      return t.login.errors.blocked;
    case 'unauthenticated':
      return error?.message ?? t.login.errors.notBegun;
    case 'too-many-requests':
      return error?.message ?? t.login.errors.tooMany;
    default:
      if (error === undefined) return t.login.errors.other;
      return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  }
}
