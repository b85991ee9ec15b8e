import { createClient, LongshoreError, type NewToken } from '@longshore/contract';
import { Alert, Button, Card, Center, Stack, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { t } from '../texts/texts.ts';
import { keepToken } from './token-store.ts';

/**
 * The set-up link of the first start: `/setup#CODE`. The code stands behind the hash, which browsers never send; looking
 * at the link does not use it up.
 */
export function SetupPage() {
  const navigate = useNavigate();
  const [code] = useState(() => window.location.hash.slice(1));
  const [made, setMade] = useState<NewToken | null>(null);
  const [error, setError] = useState<LongshoreError | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    document.title = `${t.setup.title} · Longshore`;
  }, []);
  const redeem = async () => {
    setAsking(true);
    try {
      const { value } = await createClient({ url: window.location.origin }).call('redeemSetup', {
        body: { code },
      });
      setMade(value);
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      setError(cause);
    } finally {
      setAsking(false);
    }
  };
  const enter = () => {
    if (made === null) return;
    keepToken(made.secret);
    void navigate({ to: '/' });
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={520} padding="xl">
        <Stack>
          <Title order={1} size="h2">
            {t.setup.title}
          </Title>
          {error !== null && (
            <Alert color="red" variant="outline" role="alert">
              {error.message} {error.hint}
            </Alert>
          )}
          {made === null ? (
            <>
              <Text>{code === '' ? t.setup.noCode : t.setup.intro}</Text>
              <Button onClick={() => void redeem()} loading={asking} disabled={code === ''}>
                {t.setup.redeem}
              </Button>
            </>
          ) : (
            <>
              <Text>{t.setup.keep(made.name)}</Text>
              <CopyBlock label={t.login.token} text={made.secret} />
              <Button onClick={enter}>{t.setup.enter}</Button>
            </>
          )}
        </Stack>
      </Card>
    </Center>
  );
}
