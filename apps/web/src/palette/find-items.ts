import type { Icon } from '@tabler/icons-react';

/** Groups of the palette, in their order. */
export const GROUPS = ['selection', 'commands', 'pages', 'instances', 'hosts', 'projects'] as const;
export type Group = (typeof GROUPS)[number];

/** One line of the palette. */
export type PaletteItem = Readonly<{
  id: string;
  group: Group;
  label: string;
  /** Said below the label, such as the host of an instance. */
  description?: string;
  keywords?: string;
  icon: Icon;
  /** Why it is not possible now; null when it is. */
  reason: string | null;
  run(): void;
}>;

/** So many of a group are shown: more than that is a reason to type another letter. */
const PER_GROUP = 8;

/**
 * The items whose label, description or keywords have each typed word, those first that begin with it; what is not possible
 * now comes after what is. Without a word, instances and hosts are left out: there may be thousands.
 */
export function findItems(items: readonly PaletteItem[], typed: string): readonly PaletteItem[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [first = ''] = words;
  return GROUPS.flatMap((group) => {
    if (words.length === 0 && (group === 'instances' || group === 'hosts' || group === 'projects')) return [];
    const rank = (item: PaletteItem) =>
      (item.reason === null ? 0 : 2) + (item.label.toLowerCase().startsWith(first) ? 0 : 1);
    return items
      .filter((item) => item.group === group && words.every((word) => textOf(item).includes(word)))
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, group === 'selection' ? 20 : PER_GROUP);
  });
}

function textOf({ label, description = '', keywords = '' }: PaletteItem): string {
  return `${label} ${description} ${keywords}`.toLowerCase();
}
