import { ActionIcon, Box, Code, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { t } from '../texts/texts.ts';

/** Text to be taken elsewhere. */
export function CopyBlock({ label, text }: Readonly<{ label: string; text: string }>) {
  return (
    <Box pos="relative">
      <Code
        block
        tabIndex={0}
        aria-label={label}
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', paddingRight: 44 }}
      >
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t.copied : t.copy}>
            <ActionIcon
              pos="absolute"
              top={6}
              right={6}
              variant="subtle"
              onClick={copy}
              aria-label={`${t.copy}: ${label}`}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Box>
  );
}
