// Date expressions in Chinese, as rules. Knows nothing of sentences or of English.
import type { Season, Unit } from './calendar.js';
import {
  choose,
  monthOf,
  realDay,
  relativeYear,
  seasonOf,
  stretch,
  unitAt,
  weekdayAt,
  weekdayBy,
  weekendAt,
  yearOf,
} from './calendar.js';
import { holidayNames } from './holiday-names.js';
import type { DateParts, DateRule } from './rule.js';

const digits = '零一二三四五六七八九';
const numeral = '[0-9零〇一二两三四五六七八九十百]+';

const digitOf = (character: string | undefined, otherwise: number): number =>
  character ? digits.indexOf(character) : otherwise;

/** `12`, `十二`, `二十`, `二〇二三`, `一百零五`. */
export function chineseNumber(text = ''): number {
  const plain = text.replaceAll('〇', '零').replaceAll('两', '二');
  if (/^\d+$/.test(plain)) return Number(plain);
  if (!/[十百]/.test(plain)) return Number([...plain].map((c) => digits.indexOf(c)).join(''));
  const match =
    /^(?:([一二三四五六七八九]?)(百))?零?(?:([一二三四五六七八九]?)(十))?([一二三四五六七八九]?)$/.exec(
      plain,
    );
  if (match === null) return Number.NaN;
  const [, hundreds, hundred, tens, ten, ones] = match;
  return (hundred ? digitOf(hundreds, 1) * 100 : 0) + (ten ? digitOf(tens, 1) * 10 : 0) + digitOf(ones, 0);
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
  昨早: -1,
  明早: 1,
  明天: 1,
  明日: 1,
  明晚: 1,
  后天: 2,
  大后天: 3,
};
const yearOffsets: Readonly<Record<string, number>> = {
  大前年: -3,
  大后年: 3,
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
const month =
  '(?<![0-9零〇一二三四五六七八九十])(?<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九正])月份?';
const day = `(?<day>${numeral})[日号]`;
const season = '(?<season>[春夏秋冬])(?:天|季)';

const holidays = holidayNames([
  ['元旦节?', 'newYear'],
  ['除夕夜?|大年三十', 'springFestivalEve'],
  ['大年初一|正月初一', 'springFestivalDay'],
  ['春节|过年', 'springFestival'],
  ['元宵节|正月十五', 'lanternFestival'],
  ['七夕(?:情人节|节)?', 'qixi'],
  ['情人节', 'valentinesDay'],
  ['(?:三八)?妇女节|三八节', 'womensDay'],
  ['清明节?', 'qingming'],
  ['(?:五一)?劳动节|五一(?:节|假期|长假|黄金周)', 'labourDay'],
  ['(?:六一)?儿童节|六一节', 'childrensDay'],
  ['端午节?', 'dragonBoatFestival'],
  ['中秋节?', 'midAutumnFestival'],
  ['重阳节', 'doubleNinth'],
  ['教师节', 'teachersDay'],
  ['国庆节?(?:假期|长假|黄金周)?|十一(?:假期|长假|黄金周)', 'nationalDay'],
  ['万圣节', 'halloween'],
  ['双十一|双11', 'singlesDay'],
  ['感恩节', 'thanksgiving'],
  ['平安夜', 'christmasEve'],
  ['圣诞节?', 'christmas'],
  ['复活节', 'easter'],
]);
const holiday = `(?<holiday>${holidays.pattern})`;
/** What is named after a holiday, and wishes for one. */
const namedAfterHoliday = '(?!老人|树|卡|歌|礼物|快乐|安康|好|联欢|晚会|档|上河)';

const nearOffset = (word = ''): number =>
  (({ 上上: -2, 上: -1, 下: 1, 下下: 2 }) as Record<string, number>)[word] ?? 0;
const directionOf = (word = ''): -1 | 0 | 1 => (({ 上: -1, 下: 1 }) as Record<string, -1 | 1>)[word] ?? 0;
const monthIndex = (text = ''): number => (text === '正' ? 0 : chineseNumber(text) - 1);
const seasonName = (text = ''): Season => seasons[text] ?? 'spring';
const weekdayIndex = (text = ''): number => ('日天'.includes(text) ? 6 : '一二三四五六'.indexOf(text));
const yearOfWord = (now: Date, word = ''): number => now.getUTCFullYear() + (yearOffsets[word] ?? 0);

const before = '(?<before>(?:以|之)?前)';
const unitOf = (text = ''): Unit => units[text] ?? 'day';
/** `23年5月`: of this century, unless that is far ahead. */
const fullYear = (text: string | undefined, now: Date): number => {
  const year = 2000 + Number(text);
  return year > now.getUTCFullYear() + 20 ? year - 100 : year;
};

export const chineseParts: DateParts = {
  year: /[0-9零〇一二三四五六七八九]年/,
  yearWord: /[去今本明前后]年/,
  month: /[0-9一二三四五六七八九十正]月/,
  day: /[0-9零〇一二两三四五六七八九十百][日号]/,
  unit: /[天日周期拜月年]/,
  weekday: /[周期拜][一二三四五六日天]/,
  season: /[春夏秋冬]/,
  holiday: new RegExp(holidays.pattern),
  near: /[上这本下]/,
  word: /[前昨今明后][天日晚早夜]/,
  before: /前/,
  after: /后/,
  lately: /近|过去|前|这/,
};

/** Longer expressions before the shorter ones inside them. */
export const chineseRules: readonly DateRule[] = [
  {
    pattern: `${year}的?${holiday}`,
    interval: (g) => holidays.named(g['holiday'])(chineseNumber(g['year'])),
  },
  {
    pattern: `(?<![0-9])(?<year>[0-9]{2})年的?${holiday}`,
    interval: (g, now) => holidays.named(g['holiday'])(fullYear(g['year'], now)),
  },
  {
    pattern: `${yearWord}的?${holiday}`,
    interval: (g, now) => holidays.named(g['holiday'])(yearOfWord(now, g['yearWord'])),
  },
  {
    pattern: `(?<near>上|这|下)一?个?${holiday}`,
    interval: (g, now) => relativeYear(holidays.named(g['holiday']), now, directionOf(g['near'])),
  },
  {
    pattern: `${holiday}${namedAfterHoliday}`,
    interval: (g, now, preference) => choose(holidays.named(g['holiday']), now, preference),
  },
  {
    pattern: `${year}${month}${day}`,
    interval: (g) => realDay(chineseNumber(g['year']), monthIndex(g['month']), chineseNumber(g['day'])),
  },
  {
    pattern: `${yearWord}的?${month}${day}`,
    interval: (g, now) =>
      realDay(yearOfWord(now, g['yearWord']), monthIndex(g['month']), chineseNumber(g['day'])),
  },
  {
    pattern: `(?<![0-9])(?<year>[0-9]{2})年${month}${day}`,
    interval: (g, now) => realDay(fullYear(g['year'], now), monthIndex(g['month']), chineseNumber(g['day'])),
  },
  {
    pattern: `(?<![0-9])(?<year>[0-9]{2})年${month}`,
    interval: (g, now) => monthOf(fullYear(g['year'], now), monthIndex(g['month'])),
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
    interval: (g, now, preference) =>
      choose((y) => realDay(y, monthIndex(g['month']), chineseNumber(g['day'])), now, preference),
  },
  { pattern: year, interval: (g) => yearOf(chineseNumber(g['year'])) },
  {
    pattern: `(?<count>${numeral})年半${before}`,
    interval: (g, now) => unitAt(now, 'month', -12 * chineseNumber(g['count']) - 6),
  },
  { pattern: `一个半月${before}`, interval: (_g, now) => unitAt(now, 'week', -6) },
  { pattern: `(?<!个)半年多?${before}`, interval: (_g, now) => unitAt(now, 'month', -6) },
  { pattern: `(?<!个)半个月${before}`, interval: (_g, now) => unitAt(now, 'week', -2) },
  {
    // "两三天前" is three or two days ago.
    pattern: `(?<![零一二三四五六七八九十百])(?<low>[一两二三四五六七八])(?<high>[两二三四五六七八九])${unit}${before}`,
    interval: (g, now) => {
      const [low, high] = [chineseNumber(g['low']), chineseNumber(g['high'])];
      if (high !== low + 1) return undefined;
      const name = unitOf(g['unit']);
      return { from: unitAt(now, name, -high).from, to: unitAt(now, name, -low).to };
    },
  },
  {
    // "十几天前": somewhere from eleven to nineteen.
    pattern: `(?<count>[二三四五六七八九]?十)几${unit}${before}`,
    interval: (g, now) => {
      const [count, name] = [chineseNumber(g['count']), unitOf(g['unit'])];
      return { from: unitAt(now, name, -count - 9).from, to: unitAt(now, name, -count - 1).to };
    },
  },
  {
    pattern: `(?<few>几)${unit}${before}|(?<count>${numeral})(?:个?多)?${unit}多?${before}`,
    interval: (g, now) => unitAt(now, unitOf(g['unit']), -(g['few'] ? 3 : chineseNumber(g['count']))),
  },
  {
    pattern: `(?<count>${numeral})${unit}(?<after>(?:以|之)?后)`,
    interval: (g, now) => unitAt(now, unitOf(g['unit']), chineseNumber(g['count'])),
  },
  {
    pattern: `(?<lately>最近|过去|近|(?<!以|之|[年月周天日期拜目提])前|这)(?:的)?(?<count>${numeral}|几)${unit}(?!前)`,
    interval: (g, now) =>
      stretch(now, unitOf(g['unit']), -(g['count'] === '几' ? 3 : chineseNumber(g['count']))),
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
    interval: (g, now, preference) => weekdayBy(now, weekdayIndex(g['weekday']), preference),
  },
  {
    pattern: `(?<near>上|这|下)一?个?${season}`,
    interval: (g, now) =>
      relativeYear((y) => seasonOf(y, seasonName(g['season'])), now, directionOf(g['near'])),
  },
  {
    pattern: month,
    interval: (g, now, preference) => choose((y) => monthOf(y, monthIndex(g['month'])), now, preference),
  },
];
