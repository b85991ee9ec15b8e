import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { t } from '../texts/texts.ts';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const SHORTCUTS = [
  { keys: [isMac ? '⌘' : t.palette.ctrl, 'K'], does: t.palette.shortcuts.palette },
  { keys: ['?'], does: t.palette.shortcuts.help },
  { keys: ['/'], does: t.palette.shortcuts.filter },
  { keys: ['j'], does: t.palette.shortcuts.down },
  { keys: ['k'], does: t.palette.shortcuts.up },
  { keys: ['x'], does: t.palette.shortcuts.choose },
  { keys: ['Enter'], does: t.palette.shortcuts.open },
  { keys: ['Esc'], does: t.palette.shortcuts.close },
];

/** All shortcuts of the keyboard. */
export function ShortcutHelp({ close }: Readonly<{ close: () => void }>) {
  return (
    <Modal
      opened
      onClose={close}
      title={t.palette.shortcutsTitle}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      <Stack gap="xs">
        {SHORTCUTS.map(({ keys, does }) => (
          <Group key={does} justify="space-between" wrap="nowrap">
            <Text size="sm">{does}</Text>
            <Group gap={4} wrap="nowrap">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
