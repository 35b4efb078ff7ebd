// All texts of the page by language, and which language a browser asks for.
import { chinese } from './chinese.js';
import type { Texts } from './english.js';
import { english } from './english.js';

export type { Texts } from './english.js';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

export const texts: Readonly<Record<Language, Texts>> = { en: english, zh: chinese };

/** The first of the browser's languages that the page knows, else English. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const known = languages.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (known !== undefined) return known;
  }
  return 'en';
}
