import type { Me } from '@longshore/contract';
import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { t } from '../texts/texts.ts';
import { logOut } from './log-out.ts';

/** For those who came for the first time: says that an administrator has to approve them, and looks again by itself. */
export function PendingPage({ me }: Readonly<{ me: Me }>) {
  useEffect(() => {
    document.title = `${t.pending.title} · Longshore`;
  }, []);
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack align="center" maw={460} role="status">
        <Title order={1} size="h2" ta="center">
          {t.pending.title}
        </Title>
        <Text ta="center">{t.pending.text(me.displayName, me.name)}</Text>
        <Text ta="center" size="sm" c="dimmed">
          {t.pending.waits}
        </Text>
        <Loader type="dots" size="sm" aria-hidden />
        <Button variant="default" onClick={() => void logOut()}>
          {t.shell.logout}
        </Button>
      </Stack>
    </Center>
  );
}
