import type { Placement } from '@longshore/contract';
import { labelsOfTags } from './label-tags.ts';

/** Where something shall be, as the form holds it. */
export type PlacementChoice = Readonly<{
  by: 'auto' | 'labels' | 'host';
  host: string;
  tags: readonly string[];
}>;

export const NO_PLACEMENT: PlacementChoice = { by: 'auto', host: '', tags: [] };

/** As the API takes it. */
export function placementOf({ by, host, tags }: PlacementChoice): Placement {
  if (by === 'host' && host !== '') return { host };
  if (by === 'labels' && tags.length > 0) return { labels: labelsOfTags(tags).labels };
  return {};
}
