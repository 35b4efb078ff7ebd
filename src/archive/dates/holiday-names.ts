// What holidays are called in a language: one pattern for all of them, and which one a name means. Knows no language.
import type { Interval } from './calendar.js';
import type { Holiday } from './holidays.js';
import { holidayIn } from './holidays.js';

export interface HolidayNames {
  readonly pattern: string;
  /** The days of a holiday by its name, in any year. */
  readonly named: (name: string | undefined) => (year: number) => Interval | undefined;
}

/** @param names patterns, longer names before those they begin with */
export function holidayNames(names: readonly (readonly [pattern: string, holiday: Holiday])[]): HolidayNames {
  return {
    pattern: names.map(([pattern]) => pattern).join('|'),
    named(name = '') {
      const found = names.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(name));
      return (year) => found && holidayIn(found[1], year);
    },
  };
}
