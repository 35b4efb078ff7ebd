// Numbers and times in the words of a language. Knows no other texts.
import type { Language } from './texts/texts.js';

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };

export function formatCount(count: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(count);
}

/** Four significant digits, for scores and losses. */
export function formatNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(locales[language], { maximumSignificantDigits: 4 }).format(value);
}

export function formatPercent(fraction: number, language: Language): string {
  return new Intl.NumberFormat(locales[language], { style: 'percent', maximumFractionDigits: 1 }).format(
    fraction,
  );
}

/** Day and minute; text that is no time stays as it is. */
export function formatTime(time: string, language: Language): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

const dayMs = 86_400_000;

/** Today as a time, this year as a day, earlier as a date. */
export function formatShortTime(time: string, now: Date, language: Language): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const options: Intl.DateTimeFormatOptions =
    date.toDateString() === now.toDateString()
      ? { hour: '2-digit', minute: '2-digit' }
      : now.getTime() - date.getTime() < 300 * dayMs
        ? { month: 'short', day: 'numeric' }
        : { year: 'numeric', month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(locales[language], options).format(date);
}
