// Finds date expressions in a text and says which interval each means. Knows nothing of what happened then.
import type { Interval, Preference } from './calendar.js';
import { chineseParts, chineseRules } from './chinese.js';
import { halfWidth } from '../half-width.js';
import { simplified } from '../simplified.js';
import { englishHint, englishParts, englishRules } from './english.js';
import type { DateParts, DateRule } from './rule.js';
import { clockOf } from './time-zone.js';

export interface DateExpression extends Interval {
  /** Where it stands in the text: [start, end) in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The name of a holiday, if that is what it is: it says what, too, and not only when. In lower case and simplified characters. */
  readonly holiday: string | undefined;
}

export interface FindDatesOptions {
  /** Which year is meant where none is said. */
  readonly preference?: Preference;
  /** Whose midnight begins a day: a name of the IANA database. `UTC` when absent. */
  readonly timeZone?: string;
}

interface CompiledRule {
  readonly expression: RegExp;
  /** The parts of dates that it has. */
  readonly needs: readonly string[];
  readonly interval: DateRule['interval'];
}

/** Alternatives in one rule name their groups alike; each alternative becomes an expression of its own. */
function compile(
  { pattern, interval }: DateRule,
  parts: DateParts,
  boundary: (pattern: string) => string,
): CompiledRule[] {
  return splitAlternatives(pattern).map((alternative) => ({
    expression: new RegExp(boundary(alternative), 'g'),
    needs: Object.keys(parts).filter((part) => alternative.includes(`(?<${part}>`)),
    interval,
  }));
}

/** Splits at the `|` outside all parentheses. */
export function splitAlternatives(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of pattern) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

const wordStart = '(?<![a-z0-9])';

/** A language's rules, behind what none of them matches without: most texts name no time. */
interface DateLanguage {
  readonly hint: RegExp;
  readonly rules: readonly CompiledRule[];
  readonly parts: DateParts;
  /** The text as the rules see it, of the same length. */
  readonly seen: (text: string) => string;
}

/**
 * Lower case, and letters and digits beyond ASCII as `x`: words end where the words of any language do, and rules need only know
 * a to z.
 */
const asciiWords = (text: string): string =>
  text
    .replace(/[^\p{ASCII}]+/gu, (run) => run.replace(/[\p{L}\p{N}]/gu, (letter) => 'x'.repeat(letter.length)))
    .toLowerCase();

/**
 * Expressions without \p{...}: each of a hundred would hold all letters there are, and take a millisecond to compile, again
 * whenever the runtime collects what it compiled.
 */
const languages: readonly DateLanguage[] = [
  {
    hint: new RegExp(`${wordStart}(?:${englishHint})`),
    rules: englishRules.flatMap((rule) =>
      compile(rule, englishParts, (pattern) => `${wordStart}(?:${pattern})(?![a-z0-9])`),
    ),
    parts: englishParts,
    seen: asciiWords,
  },
  {
    hint: /\p{Script=Han}/u,
    rules: chineseRules.flatMap((rule) => compile(rule, chineseParts, (pattern) => `(?:${pattern})`)),
    parts: chineseParts,
    seen: simplified,
  },
];

/**
 * The date expressions of a text, in order, none overlapping another; where rules compete, the earlier rule wins.
 *
 * @throws {DataError} when there is no such time zone
 *
 * @example
 * findDates('What did I do last May?', new Date('2026-03-10T00:00:00Z'))[0]; // from 2025-05-01 to 2025-06-01
 */
export function findDates(
  text: string,
  now: Date,
  { preference = 'past', timeZone = 'UTC' }: FindDatesOptions = {},
): readonly DateExpression[] {
  const clock = clockOf(timeZone);
  const found: DateExpression[] = [];
  const searched = halfWidth(text);
  for (const { hint, rules, parts, seen } of languages) {
    const words = seen(searched);
    if (!hint.test(words)) continue;
    const shown = clock.shown(now);
    const absent = new Set(Object.keys(parts).filter((part) => parts[part]?.test(words) === false));
    for (const { expression, needs, interval } of rules) {
      if (needs.some((part) => absent.has(part))) continue;
      for (const match of words.matchAll(expression)) {
        const [start, end] = [match.index, match.index + match[0].length];
        if (found.some((other) => start < other.end && other.start < end)) continue;
        const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
        const meant = interval(groups, shown, preference);
        if (meant === undefined || Number.isNaN(meant.from.getTime())) continue;
        const [from, to] = [clock.momentOf(meant.from), clock.momentOf(meant.to)];
        found.push({ from, to, start, end, holiday: groups['holiday'] });
      }
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
