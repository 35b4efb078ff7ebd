// What a rule for facts is, and how rules run over a text. Knows no rules and no language.
import type { DateExpression } from '../dates/find-dates.js';
import { findDates } from '../dates/find-dates.js';
import { clockOf } from '../dates/time-zone.js';
import type { ExtractionInput, Statement } from './statement.js';

/** The named groups of a match. */
export type Groups = Readonly<Record<string, string | undefined>>;

export interface FactRule {
  /**
   * Tried on each clause. `value` (in a second alternative `value2`) is what is said; `noun`, `who` and `wrong` serve
   * the functions below.
   */
  readonly pattern: RegExp;
  readonly attribute: string | ((groups: Groups) => string);
  /** Whom it is about; the speaker when absent. */
  readonly subject?: (groups: Groups, speaker: string) => string;
  readonly single?: boolean;
  readonly negated?: boolean;
  /** Default 0.9. */
  readonly confidence?: number;
  readonly say: (subject: string, value: string, groups: Groups) => string;
  /** The value that is put right. */
  readonly corrects?: (groups: Groups) => string | undefined;
  /** Whether the value can be meant; junk is worse than a gap. */
  readonly accepts?: (value: string, groups: Groups) => boolean;
  /** Date expressions are part of the value, as in a birthday; elsewhere they are read over. */
  readonly keepsDates?: boolean;
  /** The value is a time: it is kept as a date of the calendar. */
  readonly dated?: boolean;
}

/** A language: how to cut texts into clauses and values to their core, and its rules. */
export interface Language {
  readonly clauses: (text: string) => readonly string[];
  readonly trim: (value: string) => string;
  /** Whether a clause supposes, asks or hopes rather than states. */
  readonly isUnreal: (clause: string) => boolean;
  /** Factor of confidence for clauses that are unsure. */
  readonly doubt: (clause: string) => number;
  readonly rules: readonly FactRule[];
}

/** When something is said, and whose days are meant. */
type Said = Pick<ExtractionInput, 'time' | 'timeZone'>;

const dayMs = 86_400_000;
const maxValueLength = 80;
/** Facts are looked for at the beginning of long texts only. */
const maxTextLength = 5000;
/** And of long clauses: who writes without a full stop states little. */
const maxClauseLength = 400;

/** "春节" alone may be what somebody likes; "last Christmas" is when. */
const isNameAlone = ({ start, end, holiday }: DateExpression): boolean => holiday?.length === end - start;

/** The day or days that a value begins with, those to come where no year is said; a date further on belongs to something else. */
function calendarValue(value: string, { time, timeZone = 'UTC' }: Said): string | undefined {
  const [date] = findDates(value, time, { preference: 'future', timeZone });
  if (date === undefined || isNameAlone(date) || !/^(?:on|the|on the)?\s*$/i.test(value.slice(0, date.start)))
    return undefined;
  const { shown } = clockOf(timeZone);
  const day = (moment: Date): string => moment.toISOString().slice(0, 10);
  const [first, last] = [shown(date.from), new Date(shown(date.to).getTime() - dayMs)];
  return last <= first ? day(first) : `${day(first)} to ${day(last)}`;
}

/** "Next week" is another week in a month; "8 May" is not. */
function isRelative(value: string, said: Said): boolean {
  const monthAndDay = (each: Said): string | undefined =>
    calendarValue(value, each)?.replaceAll(/\d{4}-/g, '');
  const later = new Date(said.time.getTime() + 37 * dayMs);
  return monthAndDay(said) !== monthAndDay({ ...said, time: later });
}

function valueOf(language: Language, rule: FactRule, raw: string, said: Said): string | undefined {
  if (rule.dated) return calendarValue(raw, said);
  const value = language.trim(raw);
  return rule.keepsDates && isRelative(value, said) ? calendarValue(value, said) : value;
}

function statementOf(
  language: Language,
  rule: FactRule,
  groups: Groups,
  input: ExtractionInput,
  clause: string,
): Statement | undefined {
  const raw = groups['value'] ?? groups['value2'] ?? '';
  const value = valueOf(language, rule, raw, input);
  if (value === undefined || value === '' || value.length > maxValueLength) return undefined;
  if (rule.accepts?.(value, groups) === false) return undefined;
  const subject = rule.subject?.(groups, input.speaker) ?? input.speaker;
  const wrong = rule.corrects?.(groups);
  return {
    subject,
    attribute: typeof rule.attribute === 'string' ? rule.attribute : rule.attribute(groups),
    value,
    text: rule.say(subject, value, groups),
    single: rule.single ?? false,
    negated: rule.negated ?? false,
    confidence: (rule.confidence ?? 0.9) * language.doubt(clause),
    ...(wrong === undefined ? {} : { corrects: language.trim(wrong) }),
  };
}

function withoutDates(clause: string, { time, timeZone = 'UTC' }: Said): string {
  const dates = findDates(clause, time, { timeZone }).filter((date) => !isNameAlone(date));
  return dates.reduceRight(
    (rest, { start, end }) => `${rest.slice(0, start).trimEnd()}${rest.slice(end)}`,
    clause,
  );
}

/** In each clause the first rule that fits a stretch of words wins it. */
export function applyRules(language: Language, input: ExtractionInput): readonly Statement[] {
  const statements: Statement[] = [];
  for (const whole of language.clauses(input.text.slice(0, maxTextLength))) {
    const clause = whole.slice(0, maxClauseLength);
    if (language.isUnreal(clause)) continue;
    const undated = withoutDates(clause, input);
    const taken: { readonly start: number; readonly end: number }[] = [];
    for (const rule of language.rules) {
      const match = rule.pattern.exec(rule.keepsDates || rule.dated ? clause : undated);
      if (match === null) continue;
      const [start, end] = [match.index, match.index + match[0].length];
      if (taken.some((other) => start < other.end && other.start < end)) continue;
      const statement = statementOf(language, rule, match.groups ?? {}, input, clause);
      if (statement === undefined) continue;
      taken.push({ start, end });
      statements.push(statement);
    }
  }
  return statements;
}
