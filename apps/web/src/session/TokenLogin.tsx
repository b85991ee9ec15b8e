import { createClient, LongshoreError } from '@longshore/contract';
import { Anchor, Button, Collapse, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import { t } from '../texts/texts.ts';

/** For robots' tokens and emergencies; folded away, since people have accounts. The token is tried before it is kept. */
export function TokenLogin({ entered }: Readonly<{ entered: (token: string) => void }>) {
  const fields = useId();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [trying, setTrying] = useState(false);
  const logIn = async () => {
    const token = text.trim();
    setTrying(true);
    setError(null);
    try {
      await createClient({ url: window.location.origin, token }).call('getMe');
      entered(token);
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      setError(cause.code === 'unauthenticated' ? t.login.refused : cause.message);
    } finally {
      setTrying(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void logIn();
  };
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        size="sm"
        aria-expanded={isOpen}
        aria-controls={fields}
        onClick={() => setOpen(!isOpen)}
      >
        {t.login.withToken}
      </Anchor>
      <Collapse expanded={isOpen} id={fields}>
        <form onSubmit={submit}>
          <Stack gap="sm" mt="sm">
            <PasswordInput
              label={t.login.token}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              error={error}
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': t.login.show }}
              required
            />
            <Button type="submit" variant="default" loading={trying} disabled={text.trim() === ''}>
              {t.login.tokenSubmit}
            </Button>
            <Text size="xs" c="dimmed">
              {t.login.how}
            </Text>
          </Stack>
        </form>
      </Collapse>
    </div>
  );
}
