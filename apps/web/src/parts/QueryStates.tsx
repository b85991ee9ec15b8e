import { LongshoreError } from '@longshore/contract';
import { Alert, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { t } from '../texts/texts.ts';

/** Shows what was read, or why there is nothing to show: loading, forbidden, offline and failed are different screens. */
export function Read<Value>({
  query,
  children,
}: Readonly<{ query: UseQueryResult<Value>; children: (value: Value) => ReactNode }>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== null) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return <Loading />;
}

/** Something is on its way. */
export function Loading() {
  return (
    <Center mih={160} role="status" aria-label={t.states.loading}>
      <Loader />
    </Center>
  );
}

/** An error in the place of what it kept from being shown. */
export function Problem({ error, retry }: Readonly<{ error: Error; retry?: () => void }>) {
  const code = error instanceof LongshoreError ? error.code : 'internal';
  const offline = code === 'unavailable';
  const forbidden = code === 'permission-denied';
  const icon = offline ? <IconPlugConnectedX /> : forbidden ? <IconLock /> : <IconAlertTriangle />;
  const title = offline ? t.states.offline : forbidden ? t.states.forbidden : t.states.failed;
  return (
    <Alert
      color={offline || forbidden ? 'gray' : 'red'}
      icon={icon}
      title={title}
      variant="outline"
      role="alert"
    >
      <Stack align="start" gap="xs">
        <Text size="sm">{error.message}</Text>
        {error instanceof LongshoreError && error.hint !== undefined && <Text size="sm">{error.hint}</Text>}
        {retry !== undefined && !forbidden && (
          <Button size="xs" variant="default" onClick={retry}>
            {t.states.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Nothing is there, and what can be done about it. */
export function Empty({
  title,
  text,
  children,
}: Readonly<{ title: string; text: string; children?: ReactNode }>) {
  return (
    <Center mih={200} p="md">
      <Stack align="center" gap="xs" maw={460}>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text ta="center" c="dimmed">
          {text}
        </Text>
        {children}
      </Stack>
    </Center>
  );
}
