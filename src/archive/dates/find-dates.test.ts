import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { given } from '../../core/given.js';
import type { Preference } from './calendar.js';
import { chineseNumber, chineseParts, chineseRules } from './chinese.js';
import { englishParts, englishRules } from './english.js';
import { findDates, splitAlternatives } from './find-dates.js';

/** A Wednesday. */
const now = new Date('2026-03-18T15:30:00Z');
const iso = (date: Date): string => date.toISOString().slice(0, 10);
const meaning = (text: string, preference?: Preference): string =>
  findDates(text, now, given({ preference }))
    .map(({ from, to }) => `${iso(from)}/${iso(to)}`)
    .join(' ');

/** Intervals worked out on a calendar of 2025 and 2026 by hand. */
const english: readonly (readonly [string, string])[] = [
  ['what did I do last May?', '2025-05-01/2025-06-01'],
  ['what happened in May', '2025-05-01/2025-06-01'],
  ['last Christmas', '2025-12-24/2025-12-27'],
  ['what did Ann get for Christmas?', '2025-12-24/2025-12-27'],
  ['Christmas 2023', '2023-12-24/2023-12-27'],
  ['on Christmas Eve', '2025-12-24/2025-12-25'],
  ['two Christmases ago', '2024-12-24/2024-12-27'],
  ['next Thanksgiving', '2026-11-26/2026-11-30'],
  ['the Thanksgiving before last', '2024-11-28/2024-12-02'],
  ["on New Year's Eve", '2025-12-31/2026-01-01'],
  ['since New Year', '2026-01-01/2026-01-02'],
  ['last Easter', '2025-04-18/2025-04-22'],
  ['this Easter', '2026-04-03/2026-04-07'],
  ['on Valentine’s Day', '2026-02-14/2026-02-15'],
  ['last Halloween', '2025-10-31/2025-11-01'],
  ['during the Spring Festival', '2026-02-16/2026-02-23'],
  ['for Chinese New Year 2024', '2024-02-09/2024-02-16'],
  ['the last Mid-Autumn Festival', '2025-10-06/2025-10-07'],
  ['last March', '2025-03-01/2025-04-01'],
  ['next March', '2027-03-01/2027-04-01'],
  ['this March', '2026-03-01/2026-04-01'],
  ['in February', '2026-02-01/2026-03-01'],
  ['May 2023', '2023-05-01/2023-06-01'],
  ['on 8 May 2023', '2023-05-08/2023-05-09'],
  ['May 8th, 2023', '2023-05-08/2023-05-09'],
  ['the 8th of May', '2025-05-08/2025-05-09'],
  ['2023-05-08', '2023-05-08/2023-05-09'],
  ['yesterday', '2026-03-17/2026-03-18'],
  ['the day before yesterday', '2026-03-16/2026-03-17'],
  ['last night', '2026-03-17/2026-03-18'],
  ['today', '2026-03-18/2026-03-19'],
  ['tomorrow', '2026-03-19/2026-03-20'],
  ['three days ago', '2026-03-15/2026-03-16'],
  ['a week ago', '2026-03-09/2026-03-16'],
  ['two months ago', '2026-01-01/2026-02-01'],
  ['a couple of years ago', '2024-01-01/2025-01-01'],
  ['in 2 weeks', '2026-03-30/2026-04-06'],
  ['last week', '2026-03-09/2026-03-16'],
  ['this week', '2026-03-16/2026-03-23'],
  ['next month', '2026-04-01/2026-05-01'],
  ['last year', '2025-01-01/2026-01-01'],
  ['in the last 7 days', '2026-03-12/2026-03-19'],
  ['the past two months', '2026-01-19/2026-03-19'],
  ['last Monday', '2026-03-16/2026-03-17'],
  ['last Friday', '2026-03-13/2026-03-14'],
  ['next Friday', '2026-03-20/2026-03-21'],
  ['on Sunday', '2026-03-15/2026-03-16'],
  ['last weekend', '2026-03-14/2026-03-16'],
  ['last summer', '2025-06-01/2025-09-01'],
  ['summer of 2022', '2022-06-01/2022-09-01'],
  ['last winter', '2025-12-01/2026-03-01'],
  ['in 2022', '2022-01-01/2023-01-01'],
  ['between 3 March 2025 and June 2025', '2025-03-03/2025-03-04 2025-06-01/2025-07-01'],
  ['between May and July', '2025-05-01/2025-08-01'],
  ['from November to February', '2025-11-01/2026-03-01'],
  ['the week before last', '2026-03-02/2026-03-09'],
  ['the year before last', '2024-01-01/2025-01-01'],
  ['the night before last', '2026-03-16/2026-03-17'],
  ['the summer before last', '2024-06-01/2024-09-01'],
  ['the Friday before last', '2026-03-06/2026-03-07'],
  ['two weekends ago', '2026-03-07/2026-03-09'],
  ['two Fridays ago', '2026-03-06/2026-03-07'],
  ['half a year ago', '2025-09-01/2025-10-01'],
  ['a year and a half ago', '2024-09-01/2024-10-01'],
  ['a fortnight ago', '2026-03-02/2026-03-09'],
  ['a decade ago', '2016-01-01/2017-01-01'],
  ['twenty-one days ago', '2026-02-25/2026-02-26'],
  ['two months back', '2026-01-01/2026-02-01'],
  ['on 29 February', '2024-02-29/2024-03-01'],
  ['in early May', '2025-05-01/2025-06-01'],
  ['the last week of May', '2025-05-01/2025-06-01'],
  ['since Monday', '2026-03-16/2026-03-17'],
  ["the spring of '22", '2022-03-01/2022-06-01'],
  ['in the 1990s', '1990-01-01/2000-01-01'],
  ['18.03.2026', '2026-03-18/2026-03-19'],
  ['3/18/2026', '2026-03-18/2026-03-19'],
];

const chinese: readonly (readonly [string, string])[] = [
  ['去年春节我们去了哪里？', '2025-01-28/2025-02-04'],
  ['2024年中秋节', '2024-09-17/2024-09-18'],
  ['23年的国庆节', '2023-10-01/2023-10-08'],
  ['今年除夕', '2026-02-16/2026-02-17'],
  ['大年初一', '2026-02-17/2026-02-18'],
  ['正月十五', '2026-03-03/2026-03-04'],
  ['上个国庆节', '2025-10-01/2025-10-08'],
  ['国庆长假去哪儿了', '2025-10-01/2025-10-08'],
  ['五一假期', '2025-05-01/2025-05-06'],
  ['端午节那天', '2025-05-31/2025-06-01'],
  ['今年清明', '2026-04-05/2026-04-06'],
  ['去年七夕', '2025-08-29/2025-08-30'],
  ['重阳节', '2025-10-29/2025-10-30'],
  ['元旦', '2026-01-01/2026-01-02'],
  ['双十一买了什么', '2025-11-11/2025-11-12'],
  ['下一个圣诞节', '2026-12-24/2026-12-27'],
  ['去年平安夜', '2025-12-24/2025-12-25'],
  ['過年的時候', '2026-02-16/2026-02-23'],
  ['上週發生了什麼', '2026-03-09/2026-03-16'],
  ['三個月前', '2025-12-01/2026-01-01'],
  ['後天', '2026-03-20/2026-03-21'],
  ['去年5月8號', '2025-05-08/2025-05-09'],
  ['三天前我去了哪里', '2026-03-15/2026-03-16'],
  ['3天前', '2026-03-15/2026-03-16'],
  ['昨天晚上', '2026-03-17/2026-03-18'],
  ['前天', '2026-03-16/2026-03-17'],
  ['大前天', '2026-03-15/2026-03-16'],
  ['后天', '2026-03-20/2026-03-21'],
  ['两周前', '2026-03-02/2026-03-09'],
  ['一个星期前', '2026-03-09/2026-03-16'],
  ['三个月前', '2025-12-01/2026-01-01'],
  ['十二年前', '2014-01-01/2015-01-01'],
  ['半年前', '2025-09-01/2025-10-01'],
  ['上周', '2026-03-09/2026-03-16'],
  ['上个月', '2026-02-01/2026-03-01'],
  ['下个星期五', '2026-03-27/2026-03-28'],
  ['上周三', '2026-03-11/2026-03-12'],
  ['上周末', '2026-03-14/2026-03-16'],
  ['周日', '2026-03-15/2026-03-16'],
  ['去年', '2025-01-01/2026-01-01'],
  ['去年五月', '2025-05-01/2025-06-01'],
  ['去年夏天', '2025-06-01/2025-09-01'],
  ['五月份', '2025-05-01/2025-06-01'],
  ['2023年5月8日', '2023-05-08/2023-05-09'],
  ['二〇二三年五月', '2023-05-01/2023-06-01'],
  ['5月8号', '2025-05-08/2025-05-09'],
  ['最近三天', '2026-03-16/2026-03-19'],
  ['2022年', '2022-01-01/2023-01-01'],
  ['前年夏天', '2024-06-01/2024-09-01'],
  ['大前年', '2023-01-01/2024-01-01'],
  ['前几天', '2026-03-16/2026-03-19'],
  ['两三天前', '2026-03-15/2026-03-17'],
  ['一两年前', '2024-01-01/2026-01-01'],
  ['十几天前', '2026-02-27/2026-03-08'],
  ['三个多月前', '2025-12-01/2026-01-01'],
  ['一年半前', '2024-09-01/2024-10-01'],
  ['百年前', '1926-01-01/1927-01-01'],
  ['３天前', '2026-03-15/2026-03-16'],
  ['２０２３年５月８日', '2023-05-08/2023-05-09'],
  ['23年5月', '2023-05-01/2023-06-01'],
  ['2月29日', '2024-02-29/2024-03-01'],
];

const none = [
  'I love Christmas',
  'Happy New Year!',
  'the red crabs on Christmas Island',
  '圣诞老人和春节联欢晚会',
  '过年好，春节快乐',
  '',
  'I may go',
  'May I come in?',
  'march on',
  'the sun is out',
  'room 2023',
  '31 April',
  '2023-13-45',
  '天气很好',
  '一天到晚',
  'a second opinion',
  'two days before the wedding',
  '4/5/2026',
  '13月',
];

describe('English', () => {
  test.each(english)('%s', (text, expected) => expect(meaning(text)).toBe(expected));
});
describe('Chinese', () => {
  test.each(chinese)('%s', (text, expected) => expect(meaning(text)).toBe(expected));
});
describe('no date at all', () => {
  test.each(none)('%s', (text) => expect(meaning(text)).toBe(''));
});

test.each([
  ...'last night|this morning|this afternoon|this evening|tonight|today|tomorrow|yesterday|in 2024|2024-05-08'.split(
    '|',
  ),
  ...'in spring|last summer|next autumn|this fall|last winter|next weekend'.split('|'),
  ...'two days ago|3 weeks ago|a month ago|a few years ago'.split('|'),
  ...'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').map((month) => `in ${month}`),
  ...'mon tues wednes thurs fri satur sun'.split(' ').map((weekday) => `on ${weekday}day`),
])('%s is found inside a sentence without another word of time', (expression) => {
  expect(findDates(`We met _${expression}, I think.`, new Date('2026-05-08T12:00:00Z'))).toHaveLength(1);
});

test('without a year the nearest is meant where nothing says past', () => {
  expect(meaning('my flight is on 8 May', 'nearest')).toBe('2026-05-08/2026-05-09');
  expect(meaning('it was on 20 December', 'nearest')).toBe('2025-12-20/2025-12-21');
});

test('a weekday without a week is the nearest, or the next to come', () => {
  // Asked on a Wednesday: the last Monday is nearer than the next, and so on.
  expect(meaning('we met on Monday', 'nearest')).toBe('2026-03-16/2026-03-17');
  expect(meaning('it is on Saturday', 'nearest')).toBe('2026-03-21/2026-03-22');
  expect(meaning('it is on Monday', 'future')).toBe('2026-03-23/2026-03-24');
  expect(meaning('周一', 'future')).toBe('2026-03-23/2026-03-24');
  expect(meaning('on 1 March', 'future')).toBe('2027-03-01/2027-03-02');
});

test('an expression knows its place in the text', () => {
  const text = 'Did we meet last week or in May?';
  expect(findDates(text, now).map(({ start, end }) => text.slice(start, end))).toEqual([
    'last week',
    'in May',
  ]);
});

test.each([
  {
    language: 'English',
    rules: englishRules,
    parts: englishParts,
    space: ' ',
    words:
      'the in of on last this next past mid- a two 5 12th 2023 ’22 05 2023-05-08 08.05.2023 5/5/2023 0s days week years weekend half and ago back later before from now may sept. june monday sat weds fridays spring winters night yesterday tonight christmas christmases new year’s eve between to until early, late',
  },
  {
    language: 'Chinese',
    rules: chineseRules,
    parts: chineseParts,
    space: '',
    words:
      '2023 二〇二三 年 去年 大前年 的 五 十二 两 几 多 半 个 月 正月 月份 8 日 号 天 周 星期 礼拜 末 一 日 上 上上 这 下 最近 过去 前 之前 以后 昨天 大后天 今晚 春天 冬季 春节 国庆 中秋节 过',
  },
])('a part that a rule has occurs wherever the rule matches: $language', ({ rules, parts, space, words }) => {
  const alternatives = rules.flatMap(({ pattern }) => splitAlternatives(pattern));
  const tried = alternatives.map((pattern) => ({
    expression: new RegExp(`(?<![a-z0-9])(?:${pattern})(?![a-z0-9])`),
    has: Object.keys(parts).filter((part) => pattern.includes(`(?<${part}>`)),
  }));
  const matched = new Set<RegExp>();
  const texts = fc.array(fc.constantFrom(...words.split(' ')), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(texts, (chosen) => {
      const text = chosen.join(space);
      for (const { expression, has } of tried) {
        const found = expression.exec(text);
        if (found === null) continue;
        matched.add(expression);
        expect([text, found[0], has.filter((part) => parts[part]?.test(text) === false)]).toEqual([
          text,
          found[0],
          [],
        ]);
      }
    }),
    { numRuns: 3000, seed: 1 },
  );
  // What is drawn matches most of them.
  expect(matched.size).toBeGreaterThan(alternatives.length / 2);
});

test('Chinese numerals', () => {
  expect(
    ['十', '十二', '二十', '二十一', '一百零五', '百', '两', '二〇二三', '7'].map(chineseNumber),
  ).toEqual([10, 12, 20, 21, 105, 100, 2, 2023, 7]);
});

test('every interval is a real one, whatever the text and the day', () => {
  const words = fc.constantFrom(...english.map(([text]) => text), ...chinese.map(([text]) => text));
  const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(words, day, (text, at) => {
      for (const { from, to } of findDates(text, at)) expect(from < to).toBe(true);
    }),
    { numRuns: 200 },
  );
});
