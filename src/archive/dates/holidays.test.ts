import { expect, test } from 'vitest';
import type { Holiday } from './holidays.js';
import { holidayIn } from './holidays.js';

/** First days. The Chinese ones from the Gregorian-Lunar calendar tables of the Hong Kong Observatory. */
const known: Readonly<Partial<Record<Holiday, readonly string[]>>> = {
  springFestivalDay:
    '2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03'.split(
      ' ',
    ),
  midAutumnFestival:
    '2019-09-13 2020-10-01 2021-09-21 2022-09-10 2023-09-29 2024-09-17 2025-10-06 2026-09-25'.split(' '),
  dragonBoatFestival: '2020-06-25 2021-06-14 2022-06-03 2023-06-22 2024-06-10 2025-05-31 2026-06-19'.split(
    ' ',
  ),
  qingming:
    '1990-04-05 1999-04-05 2000-04-04 2020-04-04 2021-04-04 2022-04-05 2023-04-05 2024-04-04 2026-04-05'.split(
      ' ',
    ),
  easter: '2000-04-21 2008-03-21 2011-04-22 2016-03-25 2019-04-19 2024-03-29 2025-04-18 2038-04-23'.split(
    ' ',
  ),
  thanksgiving: '2018-11-22 2019-11-28 2023-11-23 2024-11-28 2025-11-27'.split(' '),
};
test.each(Object.entries(known))('%s', (holiday, days) => {
  const found = days.map((day) => holidayIn(holiday as Holiday, Number(day.slice(0, 4)))?.from.toISOString());
  expect(found).toEqual(days.map((day) => `${day}T00:00:00.000Z`));
});

test('the feast of a year has its eve before it, from 1901 to 2100', () => {
  for (let year = 1901; year <= 2100; year++) {
    const [eve, first] = [holidayIn('springFestivalEve', year), holidayIn('springFestivalDay', year)];
    expect([year, eve?.to]).toEqual([year, first?.from]);
    expect(first?.from.toISOString() ?? '').toMatch(/-01-(?:2[1-9]|3[01])T|-02-(?:[01]\d|2[01])T/);
  }
  expect(holidayIn('springFestival', 2101)).toBeUndefined();
});

test('a month that comes twice moves those behind it', () => {
  // In 2023 the second month came twice, in 2025 the sixth.
  expect(holidayIn('dragonBoatFestival', 2023)?.from.toISOString()).toMatch(/^2023-06-22/);
  expect(holidayIn('qixi', 2025)?.from.toISOString()).toMatch(/^2025-08-29/);
});
