import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { t } from '../texts/texts.ts';
import { MOST_CHARACTERS } from './check-yaml.ts';

/** From here on its height is not measured with each key: laying out megabytes twice would be felt. Characters. */
const LONG = 100_000;

/** A text in YAML with its fault below it. */
export function YamlInput({
  label,
  description,
  value,
  change,
  error,
  minRows = 8,
  placeholder,
}: Readonly<{
  label: string;
  description?: string;
  value: string;
  change: (value: string) => void;
  error: string | null;
  minRows?: number;
  placeholder?: string;
}>) {
  const [refused, setRefused] = useState<number | null>(null);
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      onChange={(event) => {
        const { value: next } = event.currentTarget;
        // Ten megabytes would hold the page for seconds with each key, only to be refused by the server.
        const isTooLong = next.length > MOST_CHARACTERS;
        setRefused(isTooLong ? next.length : null);
        if (!isTooLong) change(next);
      }}
      error={refused === null ? error : `${t.create.tooLong(refused, MOST_CHARACTERS)} ${t.create.notTaken}`}
      placeholder={placeholder}
      {...(value.length > LONG ? { rows: 30 } : { autosize: true, minRows, maxRows: 30 })}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}
