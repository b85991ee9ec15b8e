import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { t } from '../texts/texts.ts';

type Props = Readonly<{
  title: string;
  text: ReactNode;
  confirm: string;
  /** Has to be typed, where there is no way back. */
  typed?: string;
  danger?: boolean;
  children?: ReactNode;
  close: () => void;
  run: () => void;
}>;

/** Asks before something that cannot be undone; names its object. Mounted only while it is open. */
export function ConfirmDialog({ title, text, confirm, typed, danger = true, children, close, run }: Props) {
  const [name, setName] = useState('');
  const ready = typed === undefined || name === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    close();
    run();
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t.dialog.close }}>
      <form onSubmit={submit}>
        <Stack>
          <Text component="div" size="sm">
            {text}
          </Text>
          {children}
          {typed !== undefined && (
            <TextInput
              label={t.dialog.typeName(typed)}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
              autoComplete="off"
            />
          )}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {t.dialog.cancel}
            </Button>
            <Button type="submit" {...(danger ? { color: 'red' } : {})} disabled={!ready}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
