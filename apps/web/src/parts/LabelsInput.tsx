import { TagsInput } from '@mantine/core';
import { t } from '../texts/texts.ts';
import { labelsOfTags } from './label-tags.ts';

/** Labels, entered as `key=value` words. */
export function LabelsInput({
  label,
  tags,
  change,
  error,
}: Readonly<{
  label: string;
  tags: readonly string[];
  change: (tags: readonly string[]) => void;
  error?: string | undefined;
}>) {
  return (
    <TagsInput
      label={label}
      placeholder={t.labels.placeholder}
      value={[...tags]}
      onChange={change}
      splitChars={[' ', ',']}
      error={error ?? labelsOfTags(tags).error}
      acceptValueOnBlur
    />
  );
}
