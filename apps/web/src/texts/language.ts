/** Languages that the pages are written in. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'longshore.language';

/** What a person chose in this browser; null: what the browser asks for. */
export function chosenLanguage(storage: Pick<Storage, 'getItem'>): Language | null {
  const kept = storage.getItem(KEY);
  return LANGUAGES.find((each) => each === kept) ?? null;
}

/** Keeps the choice; null forgets it. The pages have to be loaded again: texts are read once, at their start. */
export function keepLanguage(
  storage: Pick<Storage, 'setItem' | 'removeItem'>,
  choice: Language | null,
): void {
  if (choice === null) storage.removeItem(KEY);
  else storage.setItem(KEY, choice);
}

/** The first of the wished languages that there are texts in; English where there is none. */
export function languageFor(choice: Language | null, wished: readonly string[]): Language {
  if (choice !== null) return choice;
  for (const tag of wished) {
    const found = LANGUAGES.find((each) => each === tag.toLowerCase().split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** How numbers and dates are written: as in the person's own country where it speaks the language (`de-CH`, `en-GB`). */
export function localeFor(language: Language, wished: readonly string[]): string {
  return wished.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}
