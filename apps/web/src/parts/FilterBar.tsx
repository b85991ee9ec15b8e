import { CloseButton, Group, Pill, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../texts/texts.ts';
import classes from './FilterBar.module.css';
import { chipsOf, hasTerm, toggleTerm, withoutChip } from './filter-chips.ts';

type Props = Readonly<{
  filter: string;
  change: (filter: string) => void;
  error: string | null;
  placeholder: string;
  /** Terms that people often want, as buttons. */
  offers: readonly Readonly<{ label: string; term: string }>[];
  children?: ReactNode;
}>;

/** The search bar of a list: the filter language as text, its terms as chips, frequent terms as buttons. `/` leads to it. */
export function FilterBar({ filter, change, error, placeholder, offers, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  // The field keeps what is typed, spaces at its end too, which the address does not.
  const [text, setText] = useState(filter);
  useEffect(() => {
    setText((now) => (now.trim() === filter ? now : filter));
  }, [filter]);
  useHotkeys([['/', () => input.current?.focus()]]);
  const set = (next: string) => {
    setText(next);
    change(next.trim());
  };
  return (
    <div className={classes.bar}>
      <Group align="start" gap="xs">
        <TextInput
          ref={input}
          flex="1 1 260px"
          type="text"
          role="searchbox"
          aria-label={t.filter.label}
          placeholder={placeholder}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={
            text === '' ? null : <CloseButton size="sm" aria-label={t.filter.clear} onClick={() => set('')} />
          }
          value={text}
          error={error}
          onChange={(event) => set(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
        {children}
      </Group>
      <Group gap={6} mt={6}>
        {offers.map(({ label, term }) => (
          <button
            key={term}
            type="button"
            className={classes.offer}
            aria-pressed={hasTerm(filter, term)}
            onClick={() => set(toggleTerm(filter, term))}
          >
            {label}
          </button>
        ))}
        {chipsOf(filter)
          .filter((chip) => !offers.some((offer) => offer.term === chip.text))
          .map((chip) => (
            <Pill
              key={chip.start}
              withRemoveButton
              removeButtonProps={{
                'aria-label': t.filter.remove(chip.text),
                tabIndex: 0,
                'aria-hidden': false,
              }}
              onRemove={() => set(withoutChip(filter, chip))}
            >
              {chip.text}
            </Pill>
          ))}
      </Group>
    </div>
  );
}
