// Facts people state about themselves in English, as rules. Knows nothing of what is held already.
import type { FactRule, Groups, Language } from './rule.js';

const often = String.raw`(?:(?:really|also|just|still|absolutely|totally|always|actually|currently|now|mostly|particularly|especially|recently|finally)\s+)*`;
const am = String.raw`I(?:'m|’m| am)\s+${often}`;
const have = String.raw`(?:I|we)(?:'ve|’ve| have)?\s+${often}`;
const dont = String.raw`(?:don't|don’t|do not|no longer|never)\s+(?:really\s+)?`;
const name = String.raw`\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*){0,3}`;
const relation = String.raw`(?<noun>(?:(?:older|younger|big|little|twin|best|ex)[- ])?(?:mother|mom|mum|father|dad|parents|sister|brother|wife|husband|partner|girlfriend|boyfriend|fianc[ée]e?|son|daughter|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|friend|boss|roommate|neighbou?r|dog|cat|puppy|kitten|parrot|horse|hamster|rabbit|pet))`;
const whose = `my ${relation}(?:,?\\s(?<who>${name}),?)?`;
const occupation = String.raw`(?:[\p{L}-]+\s){0,3}(?:\p{L}+(?:ologist|ographer|ician|smith)|engineer|teacher|nurse|doctor|lawyer|writer|author|artist|designer|developer|programmer|student|accountant|architect|chef|cook|baker|farmer|scientist|researcher|pilot|driver|manager|professor|journalist|dentist|therapist|counsell?or|consultant|musician|painter|actor|actress|dancer|singer|librarian|electrician|plumber|carpenter|mechanic|barista|waiter|waitress|analyst|editor|translator|pharmacist|surgeon|veterinarian|vet|firefighter|police officer|social worker|entrepreneur|freelancer)`;

const re = (pattern: string): RegExp => new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${pattern})`, 'u');
const rest = '(?<value>.+)';
const possessor = (groups: Groups, speaker: string): string => `${speaker}'s ${groups['noun'] ?? ''}`;
/** "the password of our wifi" is the wifi password. */
const thingOf = ({ noun = '', part }: Groups): string => (part === undefined ? noun : `${noun} ${part}`);
const says =
  (words: string) =>
  (subject: string, value: string): string =>
    `${subject} ${words} ${value}`;

/** Words with which what follows "I like" or "my X is" says nothing worth keeping. */
const empty =
  /^(?:is|are|was|were|to|it|that|this|them|those|these|him|her|you|your|how|when|what|where|why|the (?:way|idea|sound|fact|reason|same|best|worst)|so|very|too|not|really|quite|pretty|just|going|getting|doing|being|coming|feeling|starting|great|good|fine|ok|okay|bad|nice|cute|amazing|awesome|wonderful|lovely|beautiful|sick|happy|sad|tired|busy|ready|done|over|up|here|there|always|also|all|no|more|such|like|about|from|with|because|if)\b/i;
const vagueNouns =
  /\b(?:point|problem|question|guess|thing|turn|pleasure|fault|bad|god|goodness|life|day|week|way|opinion|view|feeling|idea|fear|hope|only|favou?rite|understanding|mind|heart)$/i;
/** What people own or name that has one value worth knowing, even when it is an ordinary word. */
const slotNouns =
  /\b(?:colou?r|food|drink|dish|fruit|animal|flower|season|subject|sport|team|song|band|movie|film|book|hobby|instrument|number|code|password|pin|address|e-?mail|phone|size|height|weight|job|title|major|school|university|college|company|car|bike|hometown|nationality|religion|nickname|surname|username|sign|blood type|doctor|dentist|coach|teacher|hero|destination|budget|deadline|salary|rent)$/i;
const concrete = (value: string): boolean => /\p{N}|(?!I\b)\p{Lu}/u.test(value);
const wordCount = (text: string): number => text.split(/\s+/).length;
const solid = (value: string): boolean => !empty.test(value);
const isName = (value: string): boolean => /^\p{Lu}/u.test(value);

const home = (subject: string, value: string): string => `${subject} lives in ${value}`;
const likes = { attribute: 'likes', accepts: solid } as const;
const statuses = 'married|single|divorced|engaged|widowed|separated';

export const englishRules: readonly FactRule[] = [
  {
    pattern: re(
      String.raw`(?:it'?s|it is|that'?s|I meant?|should be|should have been|make that)\s+(?<value>[^,;]+?),?\s+(?:and\s+)?(?:not|instead of|rather than)\s+(?<wrong>.+)`,
    ),
    attribute: 'correction',
    corrects: (groups) => groups['wrong'],
    confidence: 0.8,
    accepts: (value, groups) => wordCount(value) <= 5 && wordCount(groups['wrong'] ?? '') <= 5,
    say: (subject, value, groups) => `${subject} corrects: ${value}, not ${groups['wrong']}`,
  },
  {
    pattern: re(
      String.raw`not\s+(?<wrong>[^,;]+?),?\s+(?:but(?: rather)?|it'?s|it is|I meant?|rather)\s+(?<value>.+)`,
    ),
    attribute: 'correction',
    corrects: (groups) => groups['wrong'],
    confidence: 0.8,
    accepts: (value, groups) => wordCount(value) <= 5 && wordCount(groups['wrong'] ?? '') <= 5,
    say: (subject, value, groups) => `${subject} corrects: ${value}, not ${groups['wrong']}`,
  },
  {
    pattern: re(
      `(?:my (?:full |first )?name(?:'s|’s| is)(?: now)?|(?:please )?call me|${am}called)\\s+(?<value>${name})`,
    ),
    attribute: 'name',
    single: true,
    say: says('is called'),
  },
  {
    pattern: re(`^(?:(?:hi|hello|hey)[,!]?\\s+)?I(?:'m|’m| am)\\s+(?<value>${name})$`),
    attribute: 'name',
    single: true,
    confidence: 0.7,
    say: says('is called'),
  },
  {
    pattern: re(`I ${often}${dont}live in ${rest}|I used to live in (?<value2>.+)`),
    attribute: 'home',
    single: true,
    negated: true,
    say: says('no longer lives in'),
  },
  {
    pattern: re(`(?:I ${often}(?:live|reside)|${am}(?:living|based)) in ${rest}`),
    attribute: 'home',
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
      `(?:I ${often}${dont}work (?:at|for)|I (?:quit|left) my job at|I stopped working (?:at|for)) ${rest}`,
    ),
    attribute: 'employer',
    single: true,
    negated: true,
    say: says('no longer works at'),
  },
  {
    pattern: re(
      `(?:I ${often}work (?:at|for)|${have}(?:started (?:working|a (?:new )?job)|got (?:a|the) (?:new )?job|landed a (?:new )?job) (?:at|with|for)|${have}joined(?= ${name}(?: as |$))) (?<value>(?:the |an? )?[^,]+)`,
    ),
    attribute: 'employer',
    single: true,
    accepts: solid,
    say: says('works at'),
  },
  {
    pattern: re(`(?:I ${often}work as|${am}working as) (?:an? )?${rest}`),
    attribute: 'occupation',
    single: true,
    say: says('works as'),
  },
  {
    pattern: re(`${am}an? (?<value>${occupation})(?![\\p{L}])`),
    attribute: 'occupation',
    single: true,
    confidence: 0.8,
    say: says('works as'),
  },
  {
    pattern: re(
      `I(?:'m|’m| am| ${often}turned| just turned)\\s+(?<value>\\d{1,3})(?: years old| yrs old)?(?=$|[ ,.])(?! (?:minutes|hours|days|percent|%|km|miles))`,
    ),
    attribute: 'age',
    single: true,
    say: (subject, value) => `${subject} is ${value} years old`,
  },
  {
    pattern: re(String.raw`(?:my birthday(?:'s|’s| is)(?: on)?|I was born on)\s+(?<value>.+)`),
    attribute: 'birthday',
    keepsDates: true,
    single: true,
    say: says('has birthday on'),
  },
  { pattern: re(`${am}allergic to ${rest}`), attribute: 'allergy', say: says('is allergic to') },
  {
    pattern: re(`I(?:'m|’m| am) (?:not|no longer) allergic to ${rest}`),
    attribute: 'allergy',
    negated: true,
    say: says('is not allergic to'),
  },
  {
    pattern: re(`(?:${am}|${have}(?:got|gotten) )(?<value>${statuses})(?![\\p{L}])`),
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
      `I(?:'m|’m| am) (?:not|no longer) (?:an? )?(?<value>vegan|vegetarian|pescatarian)(?![\\p{L}])`,
    ),
    attribute: 'diet',
    single: true,
    negated: true,
    say: says('is not'),
  },
  {
    pattern: re(
      `I ${often}speak (?:fluent |a little |some |a bit of )?(?<value>\\p{Lu}\\p{L}+(?:(?:,| and|, and) \\p{Lu}\\p{L}+)*)`,
    ),
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
    accepts: solid,
    say: (subject, value, groups) => `${subject}'s favourite ${groups['noun']} is ${value}`,
  },
  {
    pattern: re(
      `(?<value>[\\p{L}\\p{N}' -]{2,40}?) (?:is|are) (?:now )?my (?:(?:all-time|absolute|new) )?favou?rite (?<noun>[\\p{L}' -]{2,30})`,
    ),
    attribute: (groups) => `favourite ${groups['noun']}`,
    single: true,
    accepts: solid,
    say: (subject, value, groups) => `${subject}'s favourite ${groups['noun']} is ${value}`,
  },
  {
    pattern: re(
      `I ${often}(?:hate|dislike|detest|loathe|can(?:'t|’t|not) stand|${dont}(?:like|enjoy|love|eat|drink)) ${rest}`,
    ),
    ...likes,
    negated: true,
    say: says('does not like'),
  },
  {
    pattern: re(
      `(?:I ${often}(?:love|like|enjoy|adore|prefer)|${am}(?:into|fond of|a (?:big |huge )?fan of|crazy about)) ${rest}`,
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
    pattern: re(`${whose} (?:${often}lives in|(?:has |just |recently )*(?:moved|relocated) to) ${rest}`),
    attribute: 'home',
    subject: possessor,
    single: true,
    say: home,
  },
  {
    pattern: re(`${whose} ${often}works (?:at|for) ${rest}`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    say: says('works at'),
  },
  {
    pattern: re(`${whose} (?:${often}works as|is) an? (?<value>${occupation})(?![\\p{L}])`),
    attribute: 'occupation',
    subject: possessor,
    single: true,
    say: says('works as'),
  },
  {
    pattern: re(`${whose} is (?<value>\\d{1,3})(?: years old)?(?=$|[ ,.])`),
    attribute: 'age',
    subject: possessor,
    single: true,
    say: (subject, value) => `${subject} is ${value} years old`,
  },
  {
    pattern: re(`${whose} ${often}(?:loves|likes|enjoys) ${rest}`),
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
    pattern: re(`(?<who>${name}) (?:lives in|(?:has )?moved to) (?<value>${name})`),
    attribute: 'home',
    subject: (groups) => groups['who'] ?? '',
    single: true,
    say: home,
  },
  {
    pattern: re(`(?<who>${name}) works (?:at|for) (?<value>${name})`),
    attribute: 'employer',
    subject: (groups) => groups['who'] ?? '',
    single: true,
    say: says('works at'),
  },
  {
    pattern: re(`(?<who>${name}) (?:likes|loves|enjoys) ${rest}`),
    ...likes,
    subject: (groups) => groups['who'] ?? '',
    confidence: 0.7,
    say: says('likes'),
  },
  {
    pattern: re(
      `(?:the (?<part>[\\p{L}-]{2,20}) of|(?<!(?<!\\p{L})of )(?=my|our)) ?(?:my|our) (?<noun>[\\p{L}' -]{2,30}?) (?:is|are)(?: now| actually| currently| called| named)? (?<value>.+)`,
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
];

function isPlace(value: string): boolean {
  return isName(value) || /^(?:the|an?) /.test(value);
}

const clauseEnd =
  /(?<!\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e))[.!?;\n]+(?=\s|$)|\s+(?:but|though|although|however|while)\s+|,?\s+and\s+(?=(?:I|my|we|our)\b)|,\s+(?=(?:I(?! meant)|my|but|so)\b)/u;
const valueEnd =
  /[,;:()"]|\s[-–—]\s|\s+(?:and (?:I|my|we|he|she|it|they)|because|when|since|which|where|so|as|after|before|if|who|that|these days|at the moment|right now|any ?more|any longer|nowadays|instead|too|as well|a lot|very much|so much|the most|again|now|recently|actually|with my|for (?:\d+|an?|two|three|many|several|the last) (?:days?|weeks?|months?|years?))(?=\s|$)/u;

export const english: Language = {
  rules: englishRules,
  // A question states nothing; it is cut off with its mark.
  clauses: (text) =>
    text
      .replace(/[^.!?\n]*\?/g, '.')
      .replace(/\b(is|are) no longer [^,;.!?\n]{1,60}?,? but (?:rather )?/giu, '$1 ')
      .split(clauseEnd)
      .map((clause) => opened(clause.trim()))
      .filter((clause) => clause.length > 3),
  isUnreal: (clause) =>
    /\b(?:if|wish|would|could|might|imagine|suppose|pretend|kidding|joking|dreamt?|unless)\b/i.test(clause),
  doubt: (clause) =>
    /\b(?:maybe|perhaps|probably|I think|I guess|not sure|possibly)\b/i.test(clause) ? 0.6 : 1,
  trim: trimValue,
};

/** Without words that only open a sentence, and a capital only where a name has one. */
const opened = (clause: string): string =>
  clause
    .replace(/^(?:(?:no|yes|yeah|well|actually|oh|so|by the way|also|correction)[,:]?\s+)+(?=\S)/iu, '')
    .replace(/^(?:My|Our|The|We|Not|It|That|Should|Make|Please|Call)(?!\p{L})/u, (word) =>
      word.toLowerCase(),
    );

/** Leaves the core: cut at what only goes on. */
function trimValue(value: string): string {
  const core = value.split(valueEnd)[0] ?? '';
  return core
    .replace(/\s+(?:on|in|at|since|to|over)\s*$/u, '')
    .replace(/[\s.!…]+$/u, '')
    .trim();
}
