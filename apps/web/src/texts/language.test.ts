import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chosenLanguage, keepLanguage, languageFor, localeFor } from './language.ts';

describe('the language of the pages', () => {
  it('is the chosen one, then the first wished one that there is, then English', () => {
    assert.equal(languageFor('en', ['de-AT']), 'en');
    assert.equal(languageFor(null, ['fr', 'de-AT', 'en']), 'de');
    assert.equal(languageFor(null, ['fr']), 'en');
    assert.equal(localeFor('de', ['fr', 'de-AT']), 'de-AT');
    assert.equal(localeFor('en', ['de']), 'en');
  });

  it('is remembered, and whatever else was kept is no choice', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    keepLanguage(storage, 'de');
    assert.equal(chosenLanguage(storage), 'de');
    keepLanguage(storage, null);
    assert.equal(chosenLanguage(storage), null);
    assert.equal(chosenLanguage({ getItem: () => 'xx' }), null);
  });
});
