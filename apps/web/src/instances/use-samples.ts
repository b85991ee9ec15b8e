import type { UseSample } from '@longshore/contract';

/** Five minutes are shown. */
export const SHOWN_MS = 300_000;

/** The samples with one more, without those that are too old to be shown. The same sample twice is one. */
export function withSample(samples: readonly UseSample[], sample: UseSample | null): readonly UseSample[] {
  if (sample === null || samples.at(-1)?.at === sample.at) return samples;
  const oldest = Date.parse(sample.at) - SHOWN_MS;
  return [...samples.filter((each) => Date.parse(each.at) >= oldest), sample];
}
