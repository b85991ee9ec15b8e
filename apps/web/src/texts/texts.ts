import type { en } from './en.ts';
import { chosenLanguage, type Language, languageFor, localeFor } from './language.ts';

/** All texts of the pages; each language has them all, or it does not compile. */
export type Texts = typeof en;

const inBrowser = typeof document !== 'undefined';
const wished = inBrowser ? navigator.languages : [];

/** The language of this tab. */
export const language: Language = inBrowser ? languageFor(chosenLanguage(localStorage), wished) : 'en';

/** The locale for `Intl`. */
export const locale = localeFor(language, wished);

/**
 * The texts in the language of this tab, and no other language is loaded. A catalogue must not import from here, nor from
 * anything that does: it would wait for itself.
 */
export const t: Texts = language === 'de' ? (await import('./de.ts')).de : (await import('./en.ts')).en;

const numbers = new Intl.NumberFormat(locale);
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });

/** A number as people write it. */
export function numberText(value: number): string {
  return numbers.format(value);
}

/** A moment with date and time, in the time zone of the person. */
export function momentText(moment: string | number): string {
  return moments.format(new Date(moment));
}

const seconds = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const minutes = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const days = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short' });
const HOUR_MS = 3_600_000;

/** A moment on an axis, as exact as its length asks for: seconds within minutes, the date beyond a day. */
export function timeText(ms: number, axisMs: number): string {
  if (axisMs <= HOUR_MS / 2) return seconds.format(ms);
  return (axisMs <= 25 * HOUR_MS ? minutes : days).format(ms);
}
