// Days, weeks, months, seasons and years as intervals. A date's UTC fields are what a clock shows, wherever it is (time-zone.ts).
// Knows nothing of language.

/** From the first moment (included) to the last (excluded). */
export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

export type Unit = 'day' | 'week' | 'month' | 'year';

/** `month` counts from 0 and, like `day`, may lie outside its range: it carries over. */
function utc(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

export const dayOf = (year: number, month: number, day: number): Interval => ({
  from: utc(year, month, day),
  to: utc(year, month, day + 1),
});
export const monthOf = (year: number, month: number): Interval => ({
  from: utc(year, month, 1),
  to: utc(year, month + 1, 1),
});
export const yearOf = (year: number): Interval => ({ from: utc(year, 0, 1), to: utc(year + 1, 0, 1) });

/** Whether a month has such a day; 29 February exists in leap years only. `month` counts from 0. */
const isDay = (year: number, month: number, day: number): boolean =>
  month >= 0 && month < 12 && day >= 1 && utc(year, month, day).getUTCMonth() === month;

/** That day, `undefined` where the year has none such. `month` counts from 0. */
export const realDay = (year: number, month: number, day: number): Interval | undefined =>
  isDay(year, month, day) ? dayOf(year, month, day) : undefined;

export interface CalendarDate {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  /** Monday is 0. */
  readonly weekday: number;
}

export const calendarDate = (date: Date): CalendarDate => ({
  year: date.getUTCFullYear(),
  month: date.getUTCMonth(),
  day: date.getUTCDate(),
  weekday: (date.getUTCDay() + 6) % 7,
});

/** The day, week (from Monday), month or year that lies `offset` of them from the one of `now`. */
export function unitAt(now: Date, unit: Unit, offset: number): Interval {
  const { year, month, day, weekday } = calendarDate(now);
  if (unit === 'day') return dayOf(year, month, day + offset);
  if (unit === 'month') return monthOf(year, month + offset);
  if (unit === 'year') return yearOf(year + offset);
  const monday = day - weekday + 7 * offset;
  return { from: utc(year, month, monday), to: utc(year, month, monday + 7) };
}

/** The `count` days, weeks, months or years up to and including today (negative), or from today on (positive). */
export function stretch(now: Date, unit: Unit, count: number): Interval {
  const { year, month, day } = calendarDate(now);
  const days = unit === 'week' ? count * 7 : unit === 'day' ? count : 0;
  const other = utc(
    year + (unit === 'year' ? count : 0),
    month + (unit === 'month' ? count : 0),
    day + days + (count < 0 ? 1 : 0),
  );
  return count < 0
    ? { from: other, to: utc(year, month, day + 1) }
    : { from: utc(year, month, day), to: other };
}

/** The weekday (Monday is 0) in the week that lies `weeks` from this one. */
export function weekdayAt(now: Date, weekday: number, weeks: number): Interval {
  const today = calendarDate(now);
  return dayOf(today.year, today.month, today.day - today.weekday + weekday + 7 * weeks);
}

/** Saturday and Sunday of the week that lies `weeks` from this one. */
export function weekendAt(now: Date, weeks: number): Interval {
  return { from: weekdayAt(now, 5, weeks).from, to: weekdayAt(now, 6, weeks).to };
}

export type Season = 'spring' | 'summer' | 'autumn' | 'winter';
const firstMonths: Readonly<Record<Season, number>> = { spring: 2, summer: 5, autumn: 8, winter: 11 };

/** Meteorological seasons of the northern hemisphere; the winter of a year begins in its December. */
export function seasonOf(year: number, season: Season): Interval {
  const month = firstMonths[season];
  return { from: utc(year, month, 1), to: utc(year, month + 3, 1) };
}

/** Which of the same thing in different years or weeks is meant when none is said. */
export type Preference = 'past' | 'nearest' | 'future';

/** Of intervals in order, the one last begun (`past`), the one closest to `now`, or the first that is not over (`future`). */
function preferred(intervals: readonly Interval[], now: Date, preference: Preference): Interval | undefined {
  if (preference === 'past') return intervals.findLast(({ from }) => from <= now);
  if (preference === 'future') return intervals.find(({ to }) => to > now);
  const distance = ({ from, to }: Interval): number =>
    Math.abs((from.getTime() + to.getTime()) / 2 - now.getTime());
  return intervals.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** Leap years lie at most 8 years apart. */
const yearsAround = Array.from({ length: 17 }, (_, i) => i - 8);

/** Of a yearly interval, which some years may lack, the one that is preferred. */
export function choose(
  yearly: (year: number) => Interval | undefined,
  now: Date,
  preference: Preference,
): Interval | undefined {
  const { year } = calendarDate(now);
  const around = yearsAround.map((offset) => yearly(year + offset)).filter((each) => each !== undefined);
  return preferred(around, now, preference);
}

/** The weekday (Monday is 0) that is preferred, of the last, this and the next week. */
export const weekdayBy = (now: Date, weekday: number, preference: Preference): Interval =>
  preferred(
    [-1, 0, 1].map((weeks) => weekdayAt(now, weekday, weeks)),
    now,
    preference,
  ) ?? weekdayAt(now, weekday, 0);

/** So many years or days later. */
export function shifted({ from, to }: Interval, { years = 0, days = 0 }): Interval {
  const moved = (date: Date): Date =>
    utc(date.getUTCFullYear() + years, date.getUTCMonth(), date.getUTCDate() + days);
  return { from: moved(from), to: moved(to) };
}

/** Of the yearly interval, the last that was over at `now` (`-1`), the one of this year (`0`) or the next to begin (`1`). */
export function relativeYear<T extends Interval | undefined>(
  yearly: (year: number) => T,
  now: Date,
  direction: -1 | 0 | 1,
): T {
  const { year } = calendarDate(now);
  if (direction === 0) return yearly(year);
  const [years, isMeant] =
    direction === 1
      ? [[year, year + 1], ({ from }: Interval) => from > now]
      : [[year, year - 1], ({ to }: Interval) => to <= now];
  const found = years.map(yearly).find((each) => each !== undefined && isMeant(each));
  return found ?? yearly(year + (direction === 1 ? 1 : -2));
}
