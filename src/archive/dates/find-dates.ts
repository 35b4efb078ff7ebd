// Finds date expressions in a text and says which interval each means. Knows nothing of what happened then.
import type { Interval, Preference } from './calendar.js';
import { chineseRules } from './chinese.js';
import { halfWidth } from '../half-width.js';
import { englishHint, englishRules } from './english.js';
import type { DateRule } from './rule.js';

export interface DateExpression extends Interval {
  /** Where it stands in the text: [start, end) in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

interface CompiledRule {
  readonly expression: RegExp;
  readonly interval: DateRule['interval'];
}

/** Alternatives in one rule name their groups alike; each alternative becomes an expression of its own. */
function compile({ pattern, interval }: DateRule, boundary: (pattern: string) => string): CompiledRule[] {
  return splitAlternatives(pattern).map((alternative) => ({
    expression: new RegExp(boundary(alternative), 'giu'),
    interval,
  }));
}

/** Splits at the `|` outside all parentheses. */
function splitAlternatives(pattern: string): string[] {
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

const wordStart = String.raw`(?<![\p{L}\p{N}])`;

/** The rules of each language, behind what none of them matches without: most texts name no time. */
const languages: readonly { readonly hint: RegExp; readonly rules: readonly CompiledRule[] }[] = [
  {
    hint: new RegExp(`${wordStart}(?:${englishHint})`, 'iu'),
    rules: englishRules.flatMap((rule) =>
      compile(rule, (pattern) => String.raw`${wordStart}(?:${pattern})(?![\p{L}\p{N}])`),
    ),
  },
  {
    hint: /\p{Script=Han}/u,
    rules: chineseRules.flatMap((rule) => compile(rule, (pattern) => `(?:${pattern})`)),
  },
];

const lowered = (groups: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(groups ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.toLowerCase()]],
    ),
  );

/**
 * The date expressions of a text, in order, none overlapping another; where rules compete, the earlier rule wins.
 * Days begin at midnight UTC. `preference` says which year is meant where none is said.
 *
 * @example
 * findDates('What did I do last May?', new Date('2026-03-10T00:00:00Z'))[0]; // from 2025-05-01 to 2025-06-01
 */
export function findDates(
  text: string,
  now: Date,
  preference: Preference = 'past',
): readonly DateExpression[] {
  const found: DateExpression[] = [];
  const searched = halfWidth(text);
  const rules = languages.flatMap((language) => (language.hint.test(searched) ? language.rules : []));
  for (const { expression, interval } of rules) {
    for (const match of searched.matchAll(expression)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const meant = interval(lowered(match.groups), now, preference);
      if (meant !== undefined && !Number.isNaN(meant.from.getTime())) found.push({ ...meant, start, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
