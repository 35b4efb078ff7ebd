// What a rule for a date expression is. Knows no rules.
import type { Interval, Preference } from './calendar.js';

export interface DateRule {
  /**
   * A regular expression with named groups; it matches whole words, which are in lower case. Where a group may be absent it
   * stands in an alternative of its own.
   */
  readonly pattern: string;
  /** `undefined` when there is no such day, as on 31 April. */
  readonly interval: (
    groups: Readonly<Record<string, string | undefined>>,
    now: Date,
    preference: Preference,
  ) => Interval | undefined;
}

/** What parts of dates, groups of patterns, do not occur without: where one does not, rules that have it are not tried. */
export type DateParts = Readonly<Record<string, RegExp>>;
