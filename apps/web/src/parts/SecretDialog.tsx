import { Alert, Button, Modal, Stack } from '@mantine/core';
import { t } from '../texts/texts.ts';
import { CopyBlock } from './CopyBlock.tsx';

/** Something that is shown once: it is not closed by a slip of the mouse. */
export function SecretDialog({
  title,
  label,
  secret,
  close,
}: Readonly<{ title: string; label: string; secret: string; close: () => void }>) {
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      <Stack>
        <Alert color="orange" variant="outline">
          {t.tokens.once}
        </Alert>
        <CopyBlock label={label} text={secret} />
        <Button onClick={close}>{t.dialog.close}</Button>
      </Stack>
    </Modal>
  );
}
