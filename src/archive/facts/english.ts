// Facts people state about themselves in English, as rules. Knows nothing of what is held already.
import { clausesOf, doubtOf, isUnreal, trimValue } from './english-clauses.js';
import {
  am,
  concrete,
  doesnt,
  dont,
  have,
  isEmployer,
  isHome,
  isName,
  isOwnName,
  isPlace,
  name,
  nationality,
  occupation,
  often,
  person,
  relation,
  slotNouns,
  solid,
  statuses,
  vagueNouns,
  whose,
  wordCount,
} from './english-words.js';
import type { FactRule, Groups, Language } from './rule.js';

const re = (pattern: string): RegExp => new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${pattern})`, 'u');
const rest = '(?<value>.+)';
const possessor = (groups: Groups, speaker: string): string => `${speaker}'s ${groups['noun'] ?? ''}`;
const named = (groups: Groups): string => groups['who'] ?? '';
/** "the password of our wifi" is the wifi password. */
const thingOf = ({ noun = '', part }: Groups): string => (part === undefined ? noun : `${noun} ${part}`);
const says =
  (words: string) =>
  (subject: string, value: string): string =>
    `${subject} ${words} ${value}`;

const home = (subject: string, value: string): string => `${subject} lives in ${value}`;
const likes = { attribute: 'likes', accepts: solid } as const;
const corrects = (groups: Groups): string | undefined => groups['wrong'];
/** What was never stated is not corrected (reconcile.ts), so that these may be loose. */
const correction = (pattern: string, most: number): FactRule => ({
  pattern: re(pattern),
  attribute: 'correction',
  corrects,
  confidence: 0.8,
  accepts: (value, groups) => wordCount(value) <= most && wordCount(groups['wrong'] ?? '') <= most,
  say: (subject, value, groups) => `${subject} corrects: ${value}, not ${groups['wrong']}`,
});

/** What may follow an age: "I'm 180 cm tall" is none. */
const yearsOld = String.raw`(?: (?:years|yrs)[ -]old)?(?=\s*$|[,.;]| (?:and|but|now|already|or so)(?!\p{L}))`;
/** "Single-handed", "engaged in research". */
const aloneEnd = String.raw`(?![\p{L}-]| in(?!\p{L}))`;
const languages = String.raw`\p{Lu}\p{L}+(?:(?:,| and|, and| or) \p{Lu}\p{L}+)*`;
const isFavourite = (value: string, { noun = '' }: Groups): boolean =>
  solid(value) && !/\b(?:thing|part|way)s?\b/.test(noun);

export const englishRules: readonly FactRule[] = [
  correction(
    String.raw`(?:it'?s|it is|that'?s|I meant?|should be|should have been|make that)\s+(?<value>[^,;]+?),?\s+(?:and\s+)?(?:not|instead of|rather than)\s+(?<wrong>.+)`,
    5,
  ),
  correction(
    String.raw`not\s+(?<wrong>[^,;]+?),?\s+(?:but(?: rather)?|it'?s|it is|I meant?|rather)\s+(?<value>.+)`,
    5,
  ),
  {
    pattern: re(
      `(?:my (?:full |first )?name(?:'s|’s| is)(?: now)?|(?<!\\b(?:[Dd]on['’]t|not|[Nn]ever) )(?:please )?call me|${am}called)\\s+(?<value>${name})|my (?:full |first )?name(?:'s|’s| is)(?: now)? (?<value2>\\p{Ll}+)$`,
    ),
    attribute: 'name',
    single: true,
    accepts: isOwnName,
    say: says('is called'),
  },
  {
    pattern: re(`${am}(?:an? )?(?<value>${nationality})(?=\\s*$|[,.;]| (?:and|but|by|citizen)(?!\\p{L}))`),
    attribute: 'nationality',
    say: says('is'),
  },
  {
    pattern: re(`^(?:(?:hi|hello|hey)[,!]?\\s+)?I(?:'m|’m| am)\\s+(?<value>${name})$`),
    attribute: 'name',
    single: true,
    confidence: 0.7,
    accepts: isName,
    say: says('is called'),
  },
  {
    pattern: re(
      `(?:(?:I|we) (?:${often}${dont}|used to )(?:live|reside) in|${am}(?:not|no longer) (?:living|based) in) ${rest}`,
    ),
    attribute: 'home',
    single: true,
    negated: true,
    accepts: isHome,
    say: says('no longer lives in'),
  },
  {
    pattern: re(
      `(?:(?:I|we) ${often}(?:live|reside)|${am}(?:living|based)|(?:I|we)(?:'ve|’ve| have) ${often}been living) in ${rest}`,
    ),
    attribute: 'home',
    single: true,
    accepts: isHome,
    say: home,
  },
  {
    pattern: re(
      `(?:I|we)(?:'ve|’ve| have) ${often}lived in (?<value>${name})(?=,? (?:since|for|ever since|all my life)(?!\\p{L}))`,
    ),
    attribute: 'home',
    keepsDates: true,
    single: true,
    say: home,
  },
  {
    pattern: re(`${have}(?:moved|relocated) (?:back )?(?:from .+? )?to ${rest}`),
    attribute: 'home',
    single: true,
    accepts: isPlace,
    say: home,
  },
  {
    pattern: re(`I was born (?:and raised )?in (?<value>${name})`),
    attribute: 'birthplace',
    single: true,
    say: says('was born in'),
  },
  {
    pattern: re(`(?:${am}(?:originally )?from|I grew up in|I come from) (?<value>${name})`),
    attribute: 'origin',
    single: true,
    say: says('comes from'),
  },
  {
    pattern: re(
      `(?:I (?:${often}${dont}|used to )work (?:at|for)|I(?:'ve|’ve| have)? (?:quit|left) my job at|I stopped working (?:at|for)|I(?:'ve|’ve| have)? (?:got|was|been) (?:fired|laid off) (?:from|by)) ${rest}`,
    ),
    attribute: 'employer',
    single: true,
    negated: true,
    accepts: isEmployer,
    say: says('no longer works at'),
  },
  {
    pattern: re(
      `(?:I ${often}work (?:at|for)|${have}(?:started (?:working|a (?:new )?job)|got (?:a|the) (?:new )?job|landed a (?:new )?job) (?:at|with|for)|${have}joined(?= ${name}(?: as |$))) (?<value>(?:the |an? )?[^,]+)`,
    ),
    attribute: 'employer',
    single: true,
    accepts: isEmployer,
    say: says('works at'),
  },
  {
    pattern: re(`(?:I ${often}work (?:(?:part|full)-time )?as|${am}working as) (?:an? )?${rest}`),
    attribute: 'occupation',
    single: true,
    say: says('works as'),
  },
  {
    pattern: re(
      `(?:${am}(?:not|no longer)|I used to (?:be|work as)) an? (?<value>${occupation})(?![\\p{L}'’-])`,
    ),
    attribute: 'occupation',
    single: true,
    negated: true,
    say: says('does not work as'),
  },
  {
    pattern: re(`${am}an? (?<value>${occupation})(?![\\p{L}'’-])`),
    attribute: 'occupation',
    single: true,
    confidence: 0.8,
    say: says('works as'),
  },
  {
    pattern: re(`(?:${am}|I ${often}turned )(?<value>\\d{1,3})${yearsOld}`),
    attribute: 'age',
    single: true,
    say: (subject, value) => `${subject} is ${value} years old`,
  },
  {
    pattern: re(
      String.raw`(?:my birthday(?:'s|’s| is)(?: on)?|I was born on)\s+(?<value>.+?)(?=,? in \p{Lu}|$)`,
    ),
    attribute: 'birthday',
    keepsDates: true,
    single: true,
    say: says('has birthday on'),
  },
  {
    pattern: re(`${am}allergic to ${rest}`),
    attribute: 'allergy',
    accepts: solid,
    say: says('is allergic to'),
  },
  {
    pattern: re(`I(?:'m|’m| am) (?:not|no longer) allergic to ${rest}`),
    attribute: 'allergy',
    negated: true,
    say: says('is not allergic to'),
  },
  {
    pattern: re(`(?:${am}(?:not|no longer)|I used to be) (?<value>${statuses})${aloneEnd}`),
    attribute: 'relationship status',
    single: true,
    negated: true,
    say: says('is not'),
  },
  {
    pattern: re(`(?:${am}|${have}(?:got|gotten) )(?<value>${statuses})${aloneEnd}`),
    attribute: 'relationship status',
    single: true,
    say: says('is'),
  },
  {
    pattern: re(`${am}(?:an? )?(?<value>vegan|vegetarian|pescatarian)(?![\\p{L}])`),
    attribute: 'diet',
    single: true,
    say: says('is'),
  },
  {
    pattern: re(
      `(?:${am}(?:not|no longer)|I used to be) (?:an? )?(?<value>vegan|vegetarian|pescatarian)(?![\\p{L}])`,
    ),
    attribute: 'diet',
    single: true,
    negated: true,
    say: says('is not'),
  },
  {
    pattern: re(`I (?:${often}${dont}speak(?: any| much)?|speak no) (?<value>${languages})`),
    attribute: 'language',
    negated: true,
    say: says('does not speak'),
  },
  {
    pattern: re(`I ${often}speak (?:fluent |a little |some |a bit of )?(?<value>${languages})`),
    attribute: 'language',
    say: says('speaks'),
  },
  {
    pattern: re(`(?:I ${often}study|${am}(?:studying|majoring in)|I ${often}major in) ${rest}`),
    attribute: 'studies',
    single: true,
    confidence: 0.8,
    accepts: solid,
    say: says('studies'),
  },
  {
    pattern: re(
      `my (?:(?:all-time|absolute|new) )?favou?rite (?<noun>[\\p{L}' -]{2,30}?) (?:is|are|was|has always been|would be|will always be)(?: now| still| actually)? ${rest}`,
    ),
    attribute: (groups) => `favourite ${groups['noun']}`,
    single: true,
    accepts: isFavourite,
    say: (subject, value, groups) => `${subject}'s favourite ${groups['noun']} is ${value}`,
  },
  {
    pattern: re(
      `(?<value>[\\p{L}\\p{N}' -]{2,40}?) (?:is|are) (?:now )?my (?:(?:all-time|absolute|new) )?favou?rite (?<noun>[\\p{L}' -]{2,30})`,
    ),
    attribute: (groups) => `favourite ${groups['noun']}`,
    single: true,
    accepts: isFavourite,
    say: (subject, value, groups) => `${subject}'s favourite ${groups['noun']} is ${value}`,
  },
  {
    pattern: re(
      `(?:I ${often}(?:hate|dislike|detest|loathe|can(?:'t|’t|not) stand|${dont}(?:like|enjoy|love|eat|drink|care for)|used to (?:like|love|enjoy|eat|drink))|${am}(?:not|no longer) (?:really )?(?:into|fond of|an? (?:big |huge )?fan of|crazy about)) ${rest}`,
    ),
    ...likes,
    negated: true,
    say: says('does not like'),
  },
  {
    pattern: re(`I ${often}prefer (?<value>.+?)(?: (?:to|over|rather than|instead of) .+)?$`),
    ...likes,
    say: says('likes'),
  },
  {
    pattern: re(
      `(?:I ${often}(?:do )?(?:love|like|enjoy|adore)|${am}(?:into|fond of|a (?:big |huge )?fan of|crazy about)) ${rest}`,
    ),
    ...likes,
    say: says('likes'),
  },
  {
    pattern: re(`I(?:'ve|’ve| have)? (?:stopped|quit|gave up|given up) (?<value>\\p{L}+ing(?: .+)?)`),
    attribute: 'does',
    negated: true,
    say: says('has stopped'),
  },
  {
    pattern: re(`${whose}(?:(?:'s|’s) name is| is (?:called|named)) (?<value>${name})`),
    attribute: 'name',
    subject: possessor,
    single: true,
    say: says('is called'),
  },
  {
    pattern: re(
      `${have}(?:got |adopted |have )?(?:an?|one|two|another) (?:\\p{L}+ )?${relation},? (?:called|named) (?<value>${name})`,
    ),
    attribute: 'name',
    subject: possessor,
    say: says('is called'),
  },
  {
    pattern: re(`${whose} (?:${often}${doesnt}|used to )live(?:s)? in ${rest}`),
    attribute: 'home',
    subject: possessor,
    single: true,
    negated: true,
    say: says('no longer lives in'),
  },
  {
    pattern: re(
      `${whose} (?:${often}lives? in|(?:has |have |just |recently )*(?:moved|relocated) (?:from .+? )?to) ${rest}`,
    ),
    attribute: 'home',
    subject: possessor,
    single: true,
    say: home,
  },
  {
    pattern: re(`${whose} (?:${often}${doesnt}|used to )works? (?:at|for) ${rest}`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    negated: true,
    say: says('no longer works at'),
  },
  {
    pattern: re(`${whose} ${often}works? (?:at|for) ${rest}`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    say: says('works at'),
  },
  {
    pattern: re(`${whose} (?:${often}works as|is) an? (?<value>${occupation})(?![\\p{L}'’-])`),
    attribute: 'occupation',
    subject: possessor,
    single: true,
    say: says('works as'),
  },
  {
    pattern: re(`${whose} ${often}(?:is|turned) (?<value>\\d{1,3})${yearsOld}`),
    attribute: 'age',
    subject: possessor,
    single: true,
    say: (subject, value) => `${subject} is ${value} years old`,
  },
  {
    pattern: re(`${whose} ${often}(?:hates?|dislikes?|${doesnt}(?:like|love|enjoy|eat)s?) ${rest}`),
    ...likes,
    subject: possessor,
    negated: true,
    say: says('does not like'),
  },
  {
    pattern: re(`${whose} ${often}(?:loves?|likes?|enjoys?) ${rest}`),
    ...likes,
    subject: possessor,
    say: says('likes'),
  },
  {
    pattern: re(
      `(?:my|our|the) (?<noun>[\\p{L}' -]{2,30}?) (?:is|are|starts|begins|takes place|was moved|has been moved|got moved|is scheduled|is set|is booked)(?: now)?(?: for| to| at| in)? (?<value>.+)`,
    ),
    attribute: (groups) => `date of ${groups['noun']}`,
    single: true,
    dated: true,
    say: (subject, value, groups) => `${subject}'s ${groups['noun']} is on ${value}`,
  },
  {
    pattern: re(`(?<who>${person}) ${doesnt}lives? in (?<value>${name})`),
    attribute: 'home',
    subject: named,
    single: true,
    negated: true,
    say: says('no longer lives in'),
  },
  {
    pattern: re(`(?<who>${person}) (?:lives in|(?:has )?moved (?:from .+? )?to) (?<value>${name})`),
    attribute: 'home',
    subject: named,
    single: true,
    say: home,
  },
  {
    pattern: re(`(?<who>${person}) ${doesnt}works? (?:at|for) (?<value>${name})`),
    attribute: 'employer',
    subject: named,
    single: true,
    negated: true,
    say: says('no longer works at'),
  },
  {
    pattern: re(`(?<who>${person}) works (?:at|for) (?<value>${name})`),
    attribute: 'employer',
    subject: named,
    single: true,
    say: says('works at'),
  },
  {
    pattern: re(`(?<who>${person}) (?:hates|dislikes|${doesnt}(?:like|love|enjoy)s?) ${rest}`),
    ...likes,
    subject: named,
    negated: true,
    confidence: 0.7,
    say: says('does not like'),
  },
  {
    pattern: re(`(?<who>${person}) (?:likes|loves|enjoys) ${rest}`),
    ...likes,
    subject: named,
    confidence: 0.7,
    say: says('likes'),
  },
  {
    pattern: re(
      `(?:the (?<part>[\\p{L}-]{2,20}) (?:of|for)|(?<!(?<!\\p{L})(?:of|for) )(?=my|our)) ?(?:my|our) (?<noun>[\\p{L}' -]{2,30}?) (?:is|are)(?: now| actually| currently| called| named)? (?<value>.+)`,
    ),
    attribute: thingOf,
    single: true,
    confidence: 0.7,
    accepts: (value, groups) =>
      solid(value) &&
      wordCount(value) <= 4 &&
      (concrete(value) || slotNouns.test(thingOf(groups))) &&
      !vagueNouns.test(thingOf(groups)),
    say: (subject, value, groups) => `${subject}'s ${thingOf(groups)} is ${value}`,
  },
  correction('^not (?<wrong>[^,;]+),\\s*(?<value>[^,;]+)$', 3),
  correction('^(?<value>[^,;]+),\\s*not (?<wrong>[^,;]+)$', 3),
];

export const english: Language = {
  rules: englishRules,
  clauses: clausesOf,
  isUnreal,
  doubt: doubtOf,
  trim: trimValue,
};
