// Date expressions in English, as rules. Knows nothing of sentences or of Chinese.
import type { Interval, Season, Unit } from './calendar.js';
import {
  choose,
  monthOf,
  realDay,
  relativeYear,
  seasonOf,
  shifted,
  stretch,
  unitAt,
  weekdayAt,
  weekdayBy,
  weekendAt,
  yearOf,
} from './calendar.js';
import { holidayNames } from './holiday-names.js';
import type { DateParts, DateRule } from './rule.js';

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const weekdayNames = 'mon tue wed thu fri sat sun'.split(' ');
const numberWords =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const month = String.raw`(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`;
const weekday = String.raw`(?<weekday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?`;
const year = String.raw`(?<year>(?:1[6-9]|20|21)\d\d|['’]\d\d)`;
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const season = String.raw`(?<season>spring|summer|autumn|fall|winter)`;
const count = String.raw`(?<count>\d{1,4}|an?|(?:${tens.join('|')})(?:[- ](?:${numberWords.slice(1, 10).join('|')}))?|${numberWords.slice(1).reverse().join('|')}|(?:a )?couple(?: of)?|(?:a )?few|several)`;
const unit = String.raw`(?<unit>day|week|fortnight|month|year|decade)s?`;
/** Without "Labour Day" and "National Day", which are other days elsewhere. */
const holidays = holidayNames([
  ['christmas eve', 'christmasEve'],
  ['christmas day', 'christmasDay'],
  ['(?:christmas|xmas)(?! island)', 'christmas'],
  ['boxing day', 'boxingDay'],
  ['(?:chinese|lunar) new year|spring festival', 'springFestival'],
  ["new year[’']?s eve", 'newYearsEve'],
  ["new year(?:[’']?s(?: day)?)?", 'newYear'],
  ['easter', 'easter'],
  ['thanksgiving(?: day)?', 'thanksgiving'],
  ["hallow[’']?e[’']?en", 'halloween'],
  ["(?:saint |st\\.? )?valentine[’']?s(?: day)?", 'valentinesDay'],
  ["(?:international )?women[’']?s day", 'womensDay'],
  ['independence day', 'independenceDay'],
  ['lantern festival', 'lanternFestival'],
  ['qingming(?: festival)?|tomb[- ]sweeping day', 'qingming'],
  ['dragon boat festival', 'dragonBoatFestival'],
  ['qixi(?: festival)?', 'qixi'],
  ['(?:mid-?autumn|moon) festival', 'midAutumnFestival'],
  ['double ninth festival', 'doubleNinth'],
  ["singles[’']? day", 'singlesDay'],
]);
const holiday = `(?<holiday>${holidays.pattern})`;
/** The last one but `earlier`. */
const holidayBefore = (now: Date, name: string | undefined, earlier: number): Interval | undefined => {
  const yearly = holidays.named(name);
  const last = relativeYear(yearly, now, -1);
  return last && yearly(last.from.getUTCFullYear() - earlier);
};

const weekdayInFull = '(?<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)';
/** "Two days before the party" counts from the party. */
const ago = String.raw`(?<ago>ago|back(?! (?:to|in)\b)|(?:before|earlier)(?=\s*(?:[?.!,;]|$)))`;
const between = String.raw`(?:between|from) ${month} (?:and|to|until|till|through) (?<last>${month.slice('(?<month>'.length)}`;
const directions = 'last|past|previous|this|current|next|coming';
const direction = `(?<direction>${directions})`;
const beforeLast = '(?<beforeLast>before last)';

export const monthIndex = (name = ''): number => monthNames.indexOf(name.slice(0, 3).toLowerCase());
const weekdayIndex = (name = ''): number => weekdayNames.indexOf(name.slice(0, 3).toLowerCase());
const seasonName = (name = ''): Season => (name === 'fall' ? 'autumn' : name) as Season;

/** `2022`, or `'22`: of this century up to 50. */
function yearNumber(text = ''): number {
  const number = Number(text.replace(/^['’]/, ''));
  if (number >= 100) return number;
  return number > 50 ? 1900 + number : 2000 + number;
}

function sign(word = ''): -1 | 0 | 1 {
  if (/last|past|previous/.test(word)) return -1;
  return /next|coming/.test(word) ? 1 : 0;
}

function countOf(word = ''): number {
  if (/^\d/.test(word)) return Number(word);
  if (/couple/.test(word)) return 2;
  if (/few|several/.test(word)) return 3;
  const [first = '', second = ''] = word.split(/[- ]/);
  const ten = tens.indexOf(first);
  return ten < 0
    ? Math.max(1, numberWords.indexOf(word))
    : (ten + 2) * 10 + Math.max(0, numberWords.indexOf(second));
}

/** Units that are so many of others. */
const units: Readonly<Record<string, readonly [Unit, number]>> = {
  day: ['day', 1],
  week: ['week', 1],
  fortnight: ['week', 2],
  month: ['month', 1],
  year: ['year', 1],
  decade: ['year', 10],
};
const unitOf = (name = ''): readonly [Unit, number] => units[name] ?? ['day', 1];

/** `count` of the unit in the text away. */
function away(now: Date, unitName: string | undefined, countText: number): Interval {
  const [base, factor] = unitOf(unitName);
  return unitAt(now, base, countText * factor);
}

function weekdayRelative(now: Date, name: string | undefined, direction: -1 | 0 | 1): Interval {
  const index = weekdayIndex(name);
  const thisWeek = weekdayAt(now, index, 0);
  if (direction === -1) return thisWeek.to <= now ? thisWeek : weekdayAt(now, index, -1);
  if (direction === 1) return thisWeek.from > now ? thisWeek : weekdayAt(now, index, 1);
  return thisWeek;
}

const offsets: Readonly<Record<string, number>> = {
  'day before yesterday': -2,
  yesterday: -1,
  'last night': -1,
  today: 0,
  tonight: 0,
  'this morning': 0,
  'this afternoon': 0,
  'this evening': 0,
  tomorrow: 1,
  'day after tomorrow': 2,
};

/** What every rule below needs somewhere at the start of a word: a number, or a word of time. */
export const englishHint = [
  String.raw`\d`,
  ...monthNames,
  ...weekdayNames,
  ...'spring summer autumn fall winter day week fortnight month year decade'.split(' '),
  ...'yesterday today tomorrow tonight night morning afternoon evening'.split(' '),
  holidays.pattern,
].join('|');

const word = (names: string): RegExp => new RegExp(`(?<![a-z0-9])(?:${names})(?![a-z])`);

/** As narrow as can be: an expression that is tried has to be compiled, time and again. */
export const englishParts: DateParts = {
  month: word(month.replace('?<month>', '?:')),
  weekday: word(`${weekday.replace('?<weekday>', '?:')}s?`),
  season: word(`${season.replace('?<season>', '?:')}s?`),
  unit: word(unit.replace('?<unit>', '?:')),
  holiday: new RegExp(holidays.pattern),
  year: /\d\d/,
  day: /\d/,
  monthNumber: /\d[-/.]\d/,
  second: /\d\/\d/,
  phrase: /yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening)/,
  direction: word(directions),
  ago: /ago|back|before|earlier/,
  beforeLast: /before last/,
  later: /later|from (?:now|today)/,
};

/** Longer expressions before the shorter ones inside them. */
export const englishRules: readonly DateRule[] = [
  {
    pattern: String.raw`${year}[-/.](?<monthNumber>\d{1,2})[-/.](?<day>\d{1,2})`,
    interval: (g) => realDay(yearNumber(g['year']), Number(g['monthNumber']) - 1, Number(g['day'])),
  },
  {
    pattern: String.raw`(?<day>\d{1,2})\.(?<monthNumber>\d{1,2})\.${year}`,
    interval: (g) => realDay(yearNumber(g['year']), Number(g['monthNumber']) - 1, Number(g['day'])),
  },
  {
    // Which of the two is the month is known only where the other is too large for one, or both are the same.
    pattern: String.raw`(?<first>\d{1,2})/(?<second>\d{1,2})/${year}`,
    interval: (g) => {
      const [first, second] = [Number(g['first']), Number(g['second'])];
      const [monthNumber, dayNumber] = first > 12 ? [second, first] : [first, second];
      return first > 12 || second > 12 || first === second
        ? realDay(yearNumber(g['year']), monthNumber - 1, dayNumber)
        : undefined;
    },
  },
  {
    pattern: String.raw`${year}-(?<monthNumber>0[1-9]|1[0-2])`,
    interval: (g) => monthOf(yearNumber(g['year']), Number(g['monthNumber']) - 1),
  },
  {
    pattern: String.raw`(?:the )?${day}(?: of)? ${month},? ${year}|${month} ${day},? ${year}`,
    interval: (g) => realDay(yearNumber(g['year']), monthIndex(g['month']), Number(g['day'])),
  },
  {
    pattern: `${between} ${year}|${between}`,
    interval: (g, now, preference) => {
      const [first, last] = [monthIndex(g['month']), monthIndex(g['last'])];
      const months = (y: number): Interval => ({
        from: monthOf(y, first).from,
        to: monthOf(last < first ? y + 1 : y, last).to,
      });
      if (g['year'] === undefined) return choose(months, now, preference);
      return months(last < first ? yearNumber(g['year']) - 1 : yearNumber(g['year']));
    },
  },
  {
    pattern: String.raw`${month},?(?: of)? ${year}`,
    interval: (g) => monthOf(yearNumber(g['year']), monthIndex(g['month'])),
  },
  {
    pattern: String.raw`${holiday},?(?: of| in)? ${year}`,
    interval: (g) => holidays.named(g['holiday'])(yearNumber(g['year'])),
  },
  {
    pattern: String.raw`(?:the )?${holiday} ${beforeLast}`,
    interval: (g, now) => holidayBefore(now, g['holiday'], 1),
  },
  {
    pattern: String.raw`${count} ${holiday}(?:e?s)? ${ago}`,
    interval: (g, now) => holidayBefore(now, g['holiday'], countOf(g['count']) - 1),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${holiday}`,
    interval: (g, now) => relativeYear(holidays.named(g['holiday']), now, sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:on|at|over|for|during|since|around|by|until|till) (?:the )?${holiday}`,
    interval: (g, now, preference) => choose(holidays.named(g['holiday']), now, preference),
  },
  {
    pattern: String.raw`${season},?(?: of)? ${year}`,
    interval: (g) => seasonOf(yearNumber(g['year']), seasonName(g['season'])),
  },
  {
    pattern: String.raw`(?:the )?${day}(?: of)? ${month}|${month} ${day}`,
    interval: (g, now, preference) =>
      choose((y) => realDay(y, monthIndex(g['month']), Number(g['day'])), now, preference),
  },
  {
    pattern: String.raw`(?:the )?(?<phrase>${Object.keys(offsets).join('|')})`,
    interval: (g, now) => unitAt(now, 'day', offsets[g['phrase'] ?? ''] ?? 0),
  },
  {
    pattern: String.raw`(?:the )?(?<unit>week|month|year) ${beforeLast}`,
    interval: (g, now) => away(now, g['unit'], -2),
  },
  { pattern: String.raw`(?:the )?night ${beforeLast}`, interval: (_g, now) => unitAt(now, 'day', -2) },
  { pattern: String.raw`(?:the )?weekend ${beforeLast}`, interval: (_g, now) => weekendAt(now, -2) },
  {
    pattern: String.raw`(?:the )?${weekdayInFull} ${beforeLast}`,
    interval: (g, now) => shifted(weekdayRelative(now, g['weekday'], -1), { days: -7 }),
  },
  {
    pattern: String.raw`(?:the )?${season} ${beforeLast}`,
    interval: (g, now) =>
      shifted(
        relativeYear((y) => seasonOf(y, seasonName(g['season'])), now, -1),
        { years: -1 },
      ),
  },
  {
    pattern: String.raw`${count} weekends? ${ago}`,
    interval: (g, now) => weekendAt(now, -countOf(g['count'])),
  },
  {
    pattern: String.raw`${count} ${weekdayInFull}s? ${ago}`,
    interval: (g, now) =>
      shifted(weekdayRelative(now, g['weekday'], -1), { days: 7 - 7 * countOf(g['count']) }),
  },
  {
    pattern: String.raw`${count} ${season}s? ${ago}`,
    interval: (g, now) =>
      shifted(
        relativeYear((y) => seasonOf(y, seasonName(g['season'])), now, -1),
        { years: 1 - countOf(g['count']) },
      ),
  },
  { pattern: String.raw`half a year ${ago}`, interval: (_g, now) => unitAt(now, 'month', -6) },
  {
    pattern: String.raw`${count} and a half years ${ago}|(?<count>a) year and a half ${ago}`,
    interval: (g, now) => unitAt(now, 'month', -12 * countOf(g['count']) - 6),
  },
  {
    pattern: String.raw`${count} ${unit} ${ago}`,
    interval: (g, now) => away(now, g['unit'], -countOf(g['count'])),
  },
  {
    pattern: String.raw`in ${count} ${unit}(?: time)?|${count} ${unit} (?<later>from now|later|from today)`,
    interval: (g, now) => away(now, g['unit'], countOf(g['count'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${count} ${unit}`,
    interval: (g, now) => {
      const [base, factor] = unitOf(g['unit']);
      return stretch(now, base, (sign(g['direction']) || -1) * countOf(g['count']) * factor);
    },
  },
  {
    pattern: String.raw`(?:the )?${direction} ${unit}\b(?! (?:of|in)\b)`,
    interval: (g, now) => away(now, g['unit'], sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} weekend(?! (?:of|in)\b)`,
    interval: (g, now) => weekendAt(now, sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:on )?${direction} ${weekday}\b`,
    interval: (g, now) => weekdayRelative(now, g['weekday'], sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${season}`,
    interval: (g, now) =>
      relativeYear((y) => seasonOf(y, seasonName(g['season'])), now, sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${month}(?![a-z])`,
    interval: (g, now) => relativeYear((y) => monthOf(y, monthIndex(g['month'])), now, sign(g['direction'])),
  },
  {
    pattern: String.raw`on (?:a )?${weekday}\b(?!s)`,
    interval: (g, now, preference) =>
      preference === 'past'
        ? weekdayRelative(now, g['weekday'], -1)
        : weekdayBy(now, weekdayIndex(g['weekday']), preference),
  },
  {
    pattern: String.raw`(?:since|until|till|by) ${weekdayInFull}|${weekdayInFull} (?:morning|afternoon|evening|night)`,
    interval: (g, now, preference) => weekdayBy(now, weekdayIndex(g['weekday']), preference),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until) (?:the )?${season}\b`,
    interval: (g, now, preference) => choose((y) => seasonOf(y, seasonName(g['season'])), now, preference),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until) (?:(?:early|mid|late)[- ])?${month}(?![a-z])|(?:early|mid|late)[- ]${month}(?![a-z])`,
    interval: (g, now, preference) => choose((y) => monthOf(y, monthIndex(g['month'])), now, preference),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until|year) ${year}(?!\d)`,
    interval: (g) => yearOf(yearNumber(g['year'])),
  },
  {
    pattern: String.raw`(?:in|during|since|of) the (?:early |late )?(?<year>(?:1[6-9]|20)\d)0s`,
    interval: (g) => ({
      from: yearOf(Number(g['year']) * 10).from,
      to: yearOf(Number(g['year']) * 10 + 9).to,
    }),
  },
];
