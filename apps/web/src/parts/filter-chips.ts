/** One term of a filter as it stands in the text, to be shown as a chip that can be taken away. */
export type Chip = Readonly<{ text: string; start: number; end: number }>;

/** The terms of a filter, also of one that cannot be read: a person is in the middle of typing it. */
export function chipsOf(filter: string): readonly Chip[] {
  const chips: Chip[] = [];
  for (const match of filter.matchAll(/(?:[^\s"]|"(?:\\.|[^"\\])*"?)+/g))
    chips.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  return chips;
}

/** The filter without one of its terms. */
export function withoutChip(filter: string, chip: Chip): string {
  return `${filter.slice(0, chip.start).trimEnd()} ${filter.slice(chip.end).trimStart()}`.trim();
}

/** Whether the filter has exactly this term. */
export function hasTerm(filter: string, term: string): boolean {
  return chipsOf(filter).some((chip) => chip.text === term);
}

/**
 * The filter with the term, or without it where it has it already. Other values of the same field give way: all terms
 * must hold, and nothing is running and stopped at once.
 */
export function toggleTerm(filter: string, term: string): string {
  if (hasTerm(filter, term)) {
    const chip = chipsOf(filter).find((each) => each.text === term);
    return chip === undefined ? filter : withoutChip(filter, chip);
  }
  const field = term.slice(0, term.indexOf(':') + 1);
  const rest = chipsOf(filter)
    .filter((chip) => field === '' || field === 'label:' || !chip.text.startsWith(field))
    .map((chip) => chip.text);
  return [...rest, term].join(' ');
}

/** `field:value`, quoted where the value needs it. */
export function termOf(field: string, value: string): string {
  return /^[^\s"]+$/.test(value) ? `${field}:${value}` : `${field}:"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
