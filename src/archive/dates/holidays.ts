// Which days holidays are. Knows nothing of language.
import type { Interval } from './calendar.js';
import { calendarDate, dayOf, shifted } from './calendar.js';
import { chineseDay } from './chinese-calendar.js';

export type Holiday = keyof typeof holidays;

/** So many days, a day being the first. */
const lasting = (day: Interval, days: number): Interval => ({
  from: day.from,
  to: shifted(day, { days: days - 1 }).to,
});
/** `month` counts from 1. */
const fixed =
  (month: number, day: number, length = 1) =>
  (year: number): Interval =>
    lasting(dayOf(year, month - 1, day), length);

/** Of a month, the `n`th Thursday and the like; Monday is 0. `month` counts from 1. */
function nthWeekday(year: number, month: number, weekday: number, n: number): Interval {
  const first = calendarDate(dayOf(year, month - 1, 1).from).weekday;
  return dayOf(year, month - 1, 1 + ((weekday - first + 7) % 7) + 7 * (n - 1));
}

/** Easter Sunday of the Gregorian calendar. Source: the anonymous algorithm in Meeus, "Astronomical Algorithms", chapter 8. */
function easterSunday(year: number): Interval {
  const golden = year % 19;
  const [century, rest] = [Math.floor(year / 100), year % 100];
  const moon = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moon + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - epact - (rest % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * late + 114;
  return dayOf(year, Math.floor(days / 31) - 1, (days % 31) + 1);
}

/** 4 to 6 April, when the sun is at 15 degrees. Source: the usual approximation, right from 1901 to 2099. */
const qingming = (year: number): Interval => {
  const ofCentury = year % 100;
  const day = Math.floor(ofCentury * 0.2422 + (year < 2000 ? 5.59 : 4.81)) - Math.floor(ofCentury / 4);
  return dayOf(year, 3, day);
};

function springFestivalEve(year: number): Interval | undefined {
  const first = chineseDay(year, 1, 1);
  return first && shifted(first, { days: -1 });
}

/** The days of a year on which people say that it is one; `undefined` where the calendar of the year is not known. */
const holidays = {
  newYear: fixed(1, 1),
  valentinesDay: fixed(2, 14),
  womensDay: fixed(3, 8),
  qingming,
  /** From Good Friday to Easter Monday. */
  easter: (year: number) => lasting(shifted(easterSunday(year), { days: -2 }), 4),
  labourDay: fixed(5, 1, 5),
  childrensDay: fixed(6, 1),
  independenceDay: fixed(7, 4),
  teachersDay: fixed(9, 10),
  nationalDay: fixed(10, 1, 7),
  halloween: fixed(10, 31),
  singlesDay: fixed(11, 11),
  /** That of the United States, up to Sunday. */
  thanksgiving: (year: number) => lasting(nthWeekday(year, 11, 3, 4), 4),
  christmasEve: fixed(12, 24),
  christmasDay: fixed(12, 25),
  christmas: fixed(12, 24, 3),
  boxingDay: fixed(12, 26),
  newYearsEve: fixed(12, 31),
  springFestivalEve,
  /** The eve and the six days after it. */
  springFestival(year: number) {
    const eve = springFestivalEve(year);
    return eve && lasting(eve, 7);
  },
  springFestivalDay: (year: number) => chineseDay(year, 1, 1),
  lanternFestival: (year: number) => chineseDay(year, 1, 15),
  dragonBoatFestival: (year: number) => chineseDay(year, 5, 5),
  qixi: (year: number) => chineseDay(year, 7, 7),
  midAutumnFestival: (year: number) => chineseDay(year, 8, 15),
  doubleNinth: (year: number) => chineseDay(year, 9, 9),
} satisfies Readonly<Record<string, (year: number) => Interval | undefined>>;

/** The days of a holiday in a year; `undefined` where the calendar of the year is not known. */
export const holidayIn = (holiday: Holiday, year: number): Interval | undefined => holidays[holiday](year);
