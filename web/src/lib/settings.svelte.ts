// What a person chose: language, theme, API key, whose memory, single-key shortcuts. Kept in the browser.
import type { KeyValues } from './storage.js';
import type { Language } from './texts/texts.js';
import { languages, preferredLanguage } from './texts/texts.js';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export type LanguageChoice = 'auto' | Language;

const oneOf = <T extends string>(values: readonly T[], value: string | undefined): T | undefined =>
  values.find((known) => known === value);

export class Settings {
  readonly #values: KeyValues;
  readonly #browserLanguages: readonly string[];
  #language: LanguageChoice = $state('auto');
  #theme: Theme = $state('auto');
  #key = $state('');
  #user = $state('');
  #shortcuts = $state(true);

  constructor(values: KeyValues, browserLanguages: readonly string[]) {
    this.#values = values;
    this.#browserLanguages = browserLanguages;
    this.#language = oneOf(['auto', ...languages], values.read('language')) ?? 'auto';
    this.#theme = oneOf(themes, values.read('theme')) ?? 'auto';
    this.#key = values.read('key') ?? '';
    this.#user = values.read('user') ?? '';
    this.#shortcuts = values.read('shortcuts') !== 'off';
  }

  get languageChoice(): LanguageChoice {
    return this.#language;
  }

  set languageChoice(choice: LanguageChoice) {
    this.#language = choice;
    this.#values.write('language', choice);
  }

  /** The language of the page's texts. */
  get language(): Language {
    return this.#language === 'auto' ? preferredLanguage(this.#browserLanguages) : this.#language;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#values.write('theme', theme);
  }

  /** The API key; empty where none is needed. */
  get key(): string {
    return this.#key;
  }

  set key(key: string) {
    this.#key = key.trim();
    this.#values.write('key', this.#key);
  }

  /** Whose memory; empty for the server's default. */
  get user(): string {
    return this.#user;
  }

  set user(user: string) {
    this.#user = user.trim();
    this.#values.write('user', this.#user);
  }

  /** Whether single keys do something; some speech software types them by mistake. */
  get shortcuts(): boolean {
    return this.#shortcuts;
  }

  set shortcuts(on: boolean) {
    this.#shortcuts = on;
    this.#values.write('shortcuts', on ? 'on' : 'off');
  }
}
