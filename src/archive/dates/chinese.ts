// Date expressions in Chinese, as rules. Knows nothing of sentences or of English.
import type { Interval, Season, Unit } from './calendar.js';
import {
  choose,
  dayOf,
  isDay,
  monthOf,
  relativeYear,
  seasonOf,
  stretch,
  unitAt,
  weekdayAt,
  weekendAt,
  yearOf,
} from './calendar.js';
import type { DateRule } from './rule.js';

const digits = '零一二三四五六七八九';
const numeral = '[0-9零〇一二两三四五六七八九十百]+';

const digitOf = (character: string | undefined, otherwise: number): number =>
  character ? digits.indexOf(character) : otherwise;

/** `12`, `十二`, `二十`, `二〇二三`, `一百零五`. */
export function chineseNumber(text = ''): number {
  const plain = text.replaceAll('〇', '零').replaceAll('两', '二');
  if (/^\d+$/.test(plain)) return Number(plain);
  if (!/[十百]/.test(plain)) return Number([...plain].map((c) => digits.indexOf(c)).join(''));
  const match = /^(?:(.)百)?零?(?:(.?)(十))?(.?)$/.exec(plain);
  if (match === null) return Number.NaN;
  return digitOf(match[1], 0) * 100 + (match[3] ? digitOf(match[2], 1) * 10 : 0) + digitOf(match[4], 0);
}

const units: Readonly<Record<string, Unit>> = {
  天: 'day',
  日: 'day',
  周: 'week',
  星期: 'week',
  礼拜: 'week',
  月: 'month',
  年: 'year',
};
const seasons: Readonly<Record<string, Season>> = { 春: 'spring', 夏: 'summer', 秋: 'autumn', 冬: 'winter' };
const dayOffsets: Readonly<Record<string, number>> = {
  大前天: -3,
  前天: -2,
  前晚: -2,
  昨天: -1,
  昨日: -1,
  昨晚: -1,
  昨夜: -1,
  今天: 0,
  今日: 0,
  今晚: 0,
  今早: 0,
  明天: 1,
  明日: 1,
  明晚: 1,
  后天: 2,
  大后天: 3,
};
const yearOffsets: Readonly<Record<string, number>> = {
  前年: -2,
  去年: -1,
  今年: 0,
  本年: 0,
  明年: 1,
  后年: 2,
};

const unit = '个?(?<unit>天|日|周|星期|礼拜|月|年)';
const week = '(?:周|星期|礼拜)';
const near = '(?<near>上上|上|这|本|下下|下)(?:一)?个?';
const yearWord = `(?<yearWord>${Object.keys(yearOffsets).join('|')})`;
const year = '(?<year>(?:[0-9]{4}|[零〇一二三四五六七八九]{4}))年';
const month = '(?<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九正])月份?';
const day = `(?<day>${numeral})[日号]`;
const season = '(?<season>[春夏秋冬])(?:天|季)';

const nearOffset = (word = ''): number =>
  (({ 上上: -2, 上: -1, 下: 1, 下下: 2 }) as Record<string, number>)[word] ?? 0;
const monthIndex = (text = ''): number => (text === '正' ? 0 : chineseNumber(text) - 1);
const seasonName = (text = ''): Season => seasons[text] ?? 'spring';
const weekdayIndex = (text = ''): number => ('日天'.includes(text) ? 6 : '一二三四五六'.indexOf(text));
const yearOfWord = (now: Date, word = ''): number => now.getUTCFullYear() + (yearOffsets[word] ?? 0);

function onDay(yearNumber: number, index: number, dayNumber: number): Interval | undefined {
  return isDay(yearNumber, index, dayNumber) ? dayOf(yearNumber, index, dayNumber) : undefined;
}

/** Longer expressions before the shorter ones inside them. */
export const chineseRules: readonly DateRule[] = [
  {
    pattern: `${year}${month}${day}`,
    interval: (g) => onDay(chineseNumber(g['year']), monthIndex(g['month']), chineseNumber(g['day'])),
  },
  {
    pattern: `${yearWord}的?${month}${day}`,
    interval: (g, now) =>
      onDay(yearOfWord(now, g['yearWord']), monthIndex(g['month']), chineseNumber(g['day'])),
  },
  {
    pattern: `${year}的?${month}`,
    interval: (g) => monthOf(chineseNumber(g['year']), monthIndex(g['month'])),
  },
  {
    pattern: `${yearWord}的?${month}`,
    interval: (g, now) => monthOf(yearOfWord(now, g['yearWord']), monthIndex(g['month'])),
  },
  {
    pattern: `${year}的?${season}`,
    interval: (g) => seasonOf(chineseNumber(g['year']), seasonName(g['season'])),
  },
  {
    pattern: `${yearWord}的?${season}`,
    interval: (g, now) => seasonOf(yearOfWord(now, g['yearWord']), seasonName(g['season'])),
  },
  {
    pattern: `${month}${day}`,
    interval: (g, now, preference) => {
      const [index, dayNumber] = [monthIndex(g['month']), chineseNumber(g['day'])];
      return isDay(2024, index, dayNumber)
        ? choose((y) => dayOf(y, index, dayNumber), now, preference)
        : undefined;
    },
  },
  { pattern: year, interval: (g) => yearOf(chineseNumber(g['year'])) },
  { pattern: '半年(?:以|之)?前', interval: (_g, now) => unitAt(now, 'month', -6) },
  { pattern: '半个月(?:以|之)?前', interval: (_g, now) => unitAt(now, 'week', -2) },
  {
    pattern: `(?<few>几)${unit}(?:以|之)?前|(?<count>${numeral})${unit}(?:以|之)?前`,
    interval: (g, now) =>
      unitAt(now, units[g['unit'] ?? ''] ?? 'day', -(g['few'] ? 3 : chineseNumber(g['count']))),
  },
  {
    pattern: `(?<count>${numeral})${unit}(?:以|之)?后`,
    interval: (g, now) => unitAt(now, units[g['unit'] ?? ''] ?? 'day', chineseNumber(g['count'])),
  },
  {
    pattern: `(?:最近|过去|近)(?:的)?(?<count>${numeral}|几)${unit}`,
    interval: (g, now) =>
      stretch(now, units[g['unit'] ?? ''] ?? 'day', -(g['count'] === '几' ? 3 : chineseNumber(g['count']))),
  },
  { pattern: `${near}${week}末`, interval: (g, now) => weekendAt(now, nearOffset(g['near'])) },
  {
    pattern: `${near}${week}(?<weekday>[一二三四五六日天])`,
    interval: (g, now) => weekdayAt(now, weekdayIndex(g['weekday']), nearOffset(g['near'])),
  },
  { pattern: `${near}(?:周|星期|礼拜)`, interval: (g, now) => unitAt(now, 'week', nearOffset(g['near'])) },
  { pattern: `${near}月`, interval: (g, now) => unitAt(now, 'month', nearOffset(g['near'])) },
  {
    pattern: `(?<word>${Object.keys(dayOffsets)
      .sort((a, b) => b.length - a.length)
      .join('|')})`,
    interval: (g, now) => unitAt(now, 'day', dayOffsets[g['word'] ?? ''] ?? 0),
  },
  { pattern: yearWord, interval: (g, now) => yearOf(yearOfWord(now, g['yearWord'])) },
  {
    pattern: `${week}(?<weekday>[一二三四五六日天])`,
    interval: (g, now, preference) => {
      const thisWeek = weekdayAt(now, weekdayIndex(g['weekday']), 0);
      return preference === 'past' && thisWeek.from > now
        ? weekdayAt(now, weekdayIndex(g['weekday']), -1)
        : thisWeek;
    },
  },
  {
    pattern: `上个?${season}`,
    interval: (g, now) => relativeYear((y) => seasonOf(y, seasonName(g['season'])), now, -1),
  },
  {
    pattern: month,
    interval: (g, now, preference) => choose((y) => monthOf(y, monthIndex(g['month'])), now, preference),
  },
];
