import { t } from '../texts/texts.ts';

const DAY_MS = 86_400_000;

/** How long a new token may live, for a choice; `never` comes last, since it is the worst. */
export const LIFETIMES = ['7', '30', '90', '365', 'never'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

/** The choices as a selection shows them. */
export function lifetimeChoices(): { value: Lifetime; label: string }[] {
  return LIFETIMES.map((value) => ({ value, label: t.tokens.lifetimes[value] }));
}

/** When it ends; null for never. */
export function expiryOf(lifetime: Lifetime, nowMs: number): string | null {
  return lifetime === 'never' ? null : new Date(nowMs + Number(lifetime) * DAY_MS).toISOString();
}
