import { Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import { ActionButton } from './ActionButton.tsx';

type Props = Readonly<{
  title: string;
  submit: string;
  /** Why it cannot be sent yet; null when it can. */
  reason: string | null;
  /** What the server says that belongs to no field. */
  failure: string | null;
  asking: boolean;
  close: () => void;
  run: () => void;
  children: ReactNode;
}>;

/** A form in a dialog; what was entered stays when it is refused. Mounted only while it is open. */
export function FormDialog({ title, submit, reason, failure, asking, close, run, children }: Props) {
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (reason === null && !asking) run();
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t.dialog.close }}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          {children}
          {/* Enter sends a form of several fields only where it has a button of this type; ours can be off and say why. */}
          <button type="submit" hidden />
          {failure !== null && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {failure}
            </Text>
          )}
          <Group justify="end">
            <ActionButton label={t.dialog.cancel} reason={null} run={close} />
            <ActionButton label={submit} variant="filled" loading={asking} reason={reason} run={run} />
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
