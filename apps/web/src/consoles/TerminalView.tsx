import { ActionIcon, Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { t } from '../texts/texts.ts';
import type { ConsoleChoice } from './console-choice.ts';
import { type RunningTerminal, startTerminal } from './start-terminal.ts';
import { afterNotice, FIRST_STATE, stateText } from './terminal-state.ts';

const FONT_KEY = 'longshore.terminal-font';
const FONT = { least: 9, most: 28, first: 14 } as const;

type Props = Readonly<{
  instanceId: string;
  name: string;
  choice: ConsoleChoice;
  height: string;
  leave: () => void;
}>;

/** A terminal that is open: itself, how it stands, and what can be done with it. A new choice is a new one (by `key`). */
export function TerminalView({ instanceId, name, choice, height, leave }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  const running = useRef<RunningTerminal>(null);
  const [state, setState] = useState(FIRST_STATE);
  const [font, setFont] = useState(storedFont);
  const [attempt, setAttempt] = useState(0);
  const first = useRef({ font, choice });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is the wish to open it again
  useEffect(() => {
    if (place.current === null) return;
    setState(FIRST_STATE);
    const terminal = startTerminal(place.current, {
      instanceId,
      choice: first.current.choice,
      fontSize: first.current.font,
      notice: (notice) => setState((now) => afterNotice(now, notice)),
      searchAsked: () => searchInput.current?.focus(),
    });
    running.current = terminal;
    terminal.focus();
    return () => terminal.stop();
  }, [instanceId, attempt]);
  const size = (pixels: number) => {
    const next = Math.min(FONT.most, Math.max(FONT.least, pixels));
    setFont(next);
    first.current = { ...first.current, font: next };
    localStorage.setItem(FONT_KEY, String(next));
    running.current?.fontSize(next);
  };
  const closed = state.state === 'closed';
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <Text size="sm" role="status" aria-live="polite">
          {stateText(state)}
        </Text>
        <Group gap="xs">
          {state.state === 'lost' && (
            <Button size="xs" variant="default" onClick={() => running.current?.retryNow()}>
              {t.consoles.retry}
            </Button>
          )}
          <Search input={searchInput} run={(text, direction) => running.current?.search(text, direction)} />
          <ActionIcon.Group>
            <ActionIcon variant="default" aria-label={t.consoles.smaller} onClick={() => size(font - 1)}>
              <IconMinus size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="default" aria-label={t.consoles.larger} onClick={() => size(font + 1)}>
              <IconPlus size={16} aria-hidden />
            </ActionIcon>
          </ActionIcon.Group>
          {closed && (
            <Button size="xs" onClick={() => setAttempt((count) => count + 1)}>
              {t.consoles.again}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={leave}>
            {t.consoles.leave}
          </Button>
        </Group>
      </Group>
      {state.warning !== null && (
        <Alert color="orange" variant="outline" role="alert">
          {state.warning}
        </Alert>
      )}
      {closed && state.ending !== 'ended' && state.message !== '' && (
        <Alert color="red" variant="outline" role="alert">
          {state.message}
        </Alert>
      )}
      <section
        ref={place}
        aria-label={t.consoles.terminal(name)}
        style={{ height, background: '#101113', padding: 4, borderRadius: 'var(--mantine-radius-sm)' }}
      />
      <Text size="xs" c="dimmed">
        {t.consoles.paste}
      </Text>
    </Stack>
  );
}

function Search({
  input,
  run,
}: Readonly<{
  input: React.RefObject<HTMLInputElement | null>;
  run: (text: string, direction: 'next' | 'previous') => void;
}>) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text !== '') run(text, 'previous');
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        ref={input}
        size="xs"
        aria-label={t.consoles.search}
        placeholder={t.consoles.search}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

function storedFont(): number {
  const stored = Number(localStorage.getItem(FONT_KEY));
  return Number.isInteger(stored) && stored >= FONT.least && stored <= FONT.most ? stored : FONT.first;
}
