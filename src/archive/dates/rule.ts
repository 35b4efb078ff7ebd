// What a rule for a date expression is. Knows no rules.
import type { Interval, Preference } from './calendar.js';

export interface DateRule {
  /** A regular expression with named groups; it matches whole words, ignoring case. */
  readonly pattern: string;
  /** `undefined` when there is no such day, as on 31 April. */
  readonly interval: (
    groups: Readonly<Record<string, string | undefined>>,
    now: Date,
    preference: Preference,
  ) => Interval | undefined;
}
