import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDates } from './find-dates.js';
import { clockOf } from './time-zone.js';

const zones = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Auckland',
  'America/Sao_Paulo',
];

const daysOf = (text: string, now: string, timeZone: string): readonly string[] =>
  findDates(text, new Date(now), { timeZone }).map(
    ({ from, to }) => `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)}`,
  );

describe('days begin at midnight of the time zone', () => {
  test.each([
    // Seven in the morning of 29 November in Shanghai.
    ['yesterday', '2026-11-28T23:00:00Z', 'UTC', '2026-11-27T00:00 2026-11-28T00:00'],
    ['yesterday', '2026-11-28T23:00:00Z', 'Asia/Shanghai', '2026-11-27T16:00 2026-11-28T16:00'],
    ['昨天', '2026-11-28T23:00:00Z', 'Asia/Shanghai', '2026-11-27T16:00 2026-11-28T16:00'],
    ['昨天', '2026-11-28T15:00:00Z', 'Asia/Shanghai', '2026-11-26T16:00 2026-11-27T16:00'],
    // Still New Year's Eve there.
    ['this year', '2026-01-01T03:00:00Z', 'America/New_York', '2025-01-01T05:00 2026-01-01T05:00'],
    ['去年', '2026-01-01T03:00:00Z', 'America/New_York', '2024-01-01T05:00 2025-01-01T05:00'],
    // A day of 23 hours, one of 25, and a month that ends in another offset than it begins.
    ['yesterday', '2026-03-09T12:00:00Z', 'America/New_York', '2026-03-08T05:00 2026-03-09T04:00'],
    ['yesterday', '2026-11-02T12:00:00Z', 'America/New_York', '2026-11-01T04:00 2026-11-02T05:00'],
    ['March 2026', '2026-06-01T00:00:00Z', 'Europe/Paris', '2026-02-28T23:00 2026-03-31T22:00'],
    // Clocks leapt from midnight to one.
    ['on 4 November 2018', '2026-01-01T00:00:00Z', 'America/Sao_Paulo', '2018-11-04T03:00 2018-11-05T02:00'],
  ])('%s at %s in %s', (text, now, timeZone, expected) => {
    expect(daysOf(text, now, timeZone)).toEqual([expected]);
  });

  test('a zone that does not exist is named', () => {
    expect(() => findDates('yesterday', new Date(), { timeZone: 'Asia/Pekin' })).toThrow(
      /no time zone "Asia\/Pekin".*Asia\/Shanghai/,
    );
  });
});

test('a clock shows what Date shows with the offset, and its time leads back to the moment', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({ min: new Date('1975-01-01'), max: new Date('2060-01-01'), noInvalidDate: true }),
      (timeZone, moment) => {
        const clock = clockOf(timeZone);
        const shown = clock.shown(moment);
        const text = moment.toLocaleString('sv-SE', { timeZone });
        expect(shown.toISOString().slice(0, 19).replace('T', ' ')).toBe(text);
        const back = clock.momentOf(shown);
        // An hour that is shown twice leads to the first.
        expect(clock.shown(back).getTime()).toBe(shown.getTime());
        expect(moment.getTime() - back.getTime()).toBeGreaterThanOrEqual(0);
        expect(moment.getTime() - back.getTime()).toBeLessThanOrEqual(3_600_000);
      },
    ),
  );
});
