// Date expressions in English, as rules. Knows nothing of sentences or of Chinese.
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

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const weekdayNames = 'mon tue wed thu fri sat sun'.split(' ');
const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

const month = String.raw`(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`;
const weekday = String.raw`(?<weekday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?`;
const year = String.raw`(?<year>(?:1[6-9]|20|21)\d\d)`;
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const season = String.raw`(?<season>spring|summer|autumn|fall|winter)`;
const count = String.raw`(?<count>\d{1,4}|an?|${numberWords.slice(1).join('|')}|(?:a )?couple(?: of)?|(?:a )?few|several)`;
const unit = String.raw`(?<unit>day|week|month|year)s?`;
const direction = String.raw`(?<direction>last|past|previous|this|current|next|coming)`;

export const monthIndex = (name = ''): number => monthNames.indexOf(name.slice(0, 3).toLowerCase());
const weekdayIndex = (name = ''): number => weekdayNames.indexOf(name.slice(0, 3).toLowerCase());
const seasonName = (name = ''): Season => (name === 'fall' ? 'autumn' : name) as Season;

function sign(word = ''): -1 | 0 | 1 {
  if (/last|past|previous/.test(word)) return -1;
  return /next|coming/.test(word) ? 1 : 0;
}

function countOf(word = ''): number {
  if (/^\d/.test(word)) return Number(word);
  if (/couple/.test(word)) return 2;
  if (/few|several/.test(word)) return 3;
  return Math.max(1, numberWords.indexOf(word));
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
  ...'spring summer autumn fall winter day week month year'.split(' '),
  ...'yesterday today tomorrow tonight night morning afternoon evening'.split(' '),
].join('|');

/** Longer expressions before the shorter ones inside them. */
export const englishRules: readonly DateRule[] = [
  {
    pattern: String.raw`${year}[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})`,
    interval: (g) => onDay(Number(g['year']), Number(g['month']) - 1, Number(g['day'])),
  },
  {
    pattern: String.raw`${year}-(?<month>0[1-9]|1[0-2])`,
    interval: (g) => monthOf(Number(g['year']), Number(g['month']) - 1),
  },
  {
    pattern: String.raw`(?:the )?${day}(?: of)? ${month},? ${year}|${month} ${day},? ${year}`,
    interval: (g) => onDay(Number(g['year']), monthIndex(g['month']), Number(g['day'])),
  },
  {
    pattern: String.raw`${month},?(?: of)? ${year}`,
    interval: (g) => monthOf(Number(g['year']), monthIndex(g['month'])),
  },
  {
    pattern: String.raw`${season},?(?: of)? ${year}`,
    interval: (g) => seasonOf(Number(g['year']), seasonName(g['season'])),
  },
  {
    pattern: String.raw`(?:the )?${day}(?: of)? ${month}|${month} ${day}`,
    interval: (g, now, preference) => {
      const [index, dayNumber] = [monthIndex(g['month']), Number(g['day'])];
      return isDay(2024, index, dayNumber)
        ? choose((y) => dayOf(y, index, dayNumber), now, preference)
        : undefined;
    },
  },
  {
    pattern: String.raw`(?:the )?(?<phrase>${Object.keys(offsets).join('|')})`,
    interval: (g, now) => unitAt(now, 'day', offsets[g['phrase'] ?? ''] ?? 0),
  },
  {
    pattern: String.raw`${count} ${unit} (?:ago|before|earlier)`,
    interval: (g, now) => unitAt(now, g['unit'] as Unit, -countOf(g['count'])),
  },
  {
    pattern: String.raw`in ${count} ${unit}(?: time)?|${count} ${unit} (?:from now|later|from today)`,
    interval: (g, now) => unitAt(now, g['unit'] as Unit, countOf(g['count'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${count} ${unit}`,
    interval: (g, now) => stretch(now, g['unit'] as Unit, (sign(g['direction']) || -1) * countOf(g['count'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} ${unit}\b`,
    interval: (g, now) => unitAt(now, g['unit'] as Unit, sign(g['direction'])),
  },
  {
    pattern: String.raw`(?:the )?${direction} weekend`,
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
    interval: (g, now, preference) => weekdayRelative(now, g['weekday'], preference === 'past' ? -1 : 0),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until) (?:the )?${season}\b`,
    interval: (g, now, preference) => choose((y) => seasonOf(y, seasonName(g['season'])), now, preference),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until) ${month}(?![a-z])`,
    interval: (g, now, preference) => choose((y) => monthOf(y, monthIndex(g['month'])), now, preference),
  },
  {
    pattern: String.raw`(?:in|during|since|of|by|until|year) ${year}(?!\d)`,
    interval: (g) => yearOf(Number(g['year'])),
  },
];

function onDay(yearNumber: number, index: number, dayNumber: number): Interval | undefined {
  return isDay(yearNumber, index, dayNumber) ? dayOf(yearNumber, index, dayNumber) : undefined;
}
