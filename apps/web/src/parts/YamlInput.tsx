import { Textarea } from '@mantine/core';

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
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      error={error}
      placeholder={placeholder}
      {...(value.length > LONG ? { rows: 30 } : { autosize: true, minRows, maxRows: 30 })}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}
