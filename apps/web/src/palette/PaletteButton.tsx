import { Button, Kbd } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { t } from '../texts/texts.ts';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));
const ShortcutHelp = lazy(async () => ({ default: (await import('./ShortcutHelp.tsx')).ShortcutHelp }));

/** The way to the palette, by a press or by Ctrl-K, and to the help for the keyboard by `?`. */
export function PaletteButton() {
  const [asked, setAsked] = useState(0);
  const [helping, setHelping] = useState(false);
  const open = () => setAsked((now) => now + 1);
  // Also while somebody types in a field.
  useHotkeys([['mod+K', open]], []);
  useHotkeys([
    ['?', () => setHelping(true)],
    ['shift+?', () => setHelping(true)],
  ]);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={<Kbd size="xs">{t.palette.ctrl} K</Kbd>}
        onClick={open}
        // No other name than what is read (WCAG 2.5.3); the title says more.
        title={`${t.palette.title} (${t.palette.ctrl} K)`}
        aria-keyshortcuts="Control+K"
        className="palette-button"
      >
        <span className="hide-narrow">{t.palette.button}</span>
      </Button>
      <Suspense fallback={null}>
        {asked > 0 && <Palette asked={asked} help={() => setHelping(true)} />}
        {helping && <ShortcutHelp close={() => setHelping(false)} />}
      </Suspense>
    </>
  );
}
