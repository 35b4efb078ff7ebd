// Words and parts of patterns that the English rules for facts share. A table: knows no rules.

export const often = String.raw`(?:(?:really|also|just|still|absolutely|totally|always|actually|currently|now|mostly|particularly|especially|recently|finally)\s+)*`;
export const am = String.raw`I(?:'m|’m| am)\s+${often}`;
export const have = String.raw`(?:I|we)(?:'ve|’ve| have)?\s+${often}`;
/** Of "I" and "we". */
export const dont = String.raw`(?:don't|don’t|do not|no longer|never)\s+(?:really\s+)?`;
/** Of others. */
export const doesnt = String.raw`(?:doesn't|doesn’t|does not|don't|don’t|do not|no longer|never)\s+(?:really\s+)?`;
export const name = String.raw`\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*){0,3}`;
const titled = String.raw`(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s)?${name}`;
/** What begins a sentence with a capital and is nobody's name. */
const nobody =
  'She|He|It|They|We|You|I|Who|Whoever|Every(?:one|body)|Nobody|No|Some(?:one|body)|Any(?:one|body)|One|This|That|These|Those|What|Which|And|But|Or|So|Because|Since|When|While|Then|Although|Though|Maybe|Perhaps|Hopefully|Yesterday|Today|Now|Also|Even|Only|Yes|Well|My|Our|Your|His|Her|Their|The|If|As|Both|Nothing|Everything|Something|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday';
/** Somebody who is named. */
export const person = String.raw`(?!(?:${nobody})(?![\p{L}]))${titled}`;
export const relation = String.raw`(?<noun>(?:(?:older|younger|big|little|twin|best|ex)[- ])?(?:mother|mom|mum|father|dad|parents|sister|brother|wife|husband|partner|girlfriend|boyfriend|fianc[ée]e?|son|daughter|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|friend|boss|roommate|neighbou?r|dog|cat|puppy|kitten|parrot|horse|hamster|rabbit|pet))`;
export const whose = `my ${relation}(?:,?\\s(?<who>${titled}),?)?`;
export const occupation = String.raw`(?:[\p{L}-]+\s){0,3}(?:\p{L}+(?:ologist|ographer|ician|smith)|engineer|teacher|nurse|doctor|lawyer|writer|author|artist|designer|developer|programmer|student|accountant|architect|chef|cook|baker|farmer|scientist|researcher|pilot|driver|manager|professor|journalist|dentist|therapist|counsell?or|consultant|musician|painter|actor|actress|dancer|singer|librarian|electrician|plumber|carpenter|mechanic|barista|waiter|waitress|analyst|editor|translator|pharmacist|surgeon|veterinarian|vet|firefighter|police officer|social worker|entrepreneur|freelancer)`;
export const nationality =
  'German|French|Italian|Spanish|Portuguese|Dutch|Belgian|Swiss|Austrian|Polish|Czech|Slovak|Hungarian|Romanian|Bulgarian|Greek|Turkish|Russian|Ukrainian|Serbian|Croatian|Danish|Swedish|Norwegian|Finnish|Icelandic|Irish|British|English|Scottish|Welsh|American|Canadian|Mexican|Brazilian|Argentinian|Chilean|Colombian|Peruvian|Cuban|Australian|Chinese|Japanese|Korean|Taiwanese|Vietnamese|Thai|Indonesian|Malaysian|Filipino|Filipina|Singaporean|Indian|Pakistani|Bangladeshi|Nepali|Iranian|Iraqi|Israeli|Lebanese|Syrian|Egyptian|Moroccan|Nigerian|Ghanaian|Kenyan|Ethiopian|South African';
export const statuses = 'married|single|divorced|engaged|widowed|separated';

const empty =
  /^(?:neither|nor|none|nothing|everything|anything|something|myself|is|are|was|were|to|it|that|this|them|those|these|him|her|you|your|how|when|what|where|why|the (?:way|idea|sound|fact|reason|same|best|worst)|so|very|too|not|really|quite|pretty|just|going|getting|doing|being|coming|feeling|starting|great|good|fine|ok|okay|bad|nice|cute|amazing|awesome|wonderful|lovely|beautiful|sick|happy|sad|tired|busy|ready|done|over|up|here|there|always|also|all|no|more|such|like|about|from|with|because|if)\b/i;
/** Whether it is worth keeping after "I like" or "my X is". */
export const solid = (value: string): boolean => !empty.test(value);
export const vagueNouns =
  /\b(?:point|problem|question|guess|thing|turn|pleasure|fault|bad|god|goodness|life|day|week|way|opinion|view|feeling|idea|fear|hope|only|favou?rite|understanding|mind|heart)$/i;
/** What people own or name that has one value worth knowing, even when it is an ordinary word. */
export const slotNouns =
  /\b(?:colou?r|food|drink|dish|fruit|animal|flower|season|subject|sport|team|song|band|movie|film|book|hobby|instrument|number|code|password|pin|address|e-?mail|phone|size|height|weight|job|title|major|school|university|college|company|car|bike|hometown|nationality|religion|nickname|surname|username|sign|blood type|doctor|dentist|coach|teacher|hero|destination|budget|deadline|salary|rent)$/i;
export const concrete = (value: string): boolean => /\p{N}|(?!I\b)\p{Lu}/u.test(value);
export const wordCount = (text: string): number => text.split(/\s+/).length;
const isCapital = (value: string): boolean => /^\p{Lu}/u.test(value);

/** Moods, states, days and beliefs that are written with a capital after "I'm" or "call me". */
const noNames =
  /^(?:tired|sorry|back|happy|sad|fine|good|great|ok|okay|done|home|here|there|busy|sick|ill|hungry|thirsty|ready|late|early|lost|bored|excited|glad|grateful|angry|mad|scared|afraid|free|alone|alive|dead|in|out|on|off|so|not|very|just|never|always|later|back|maybe|crazy|when|if|tomorrow|today|tonight|anytime|old-fashioned|catholic|christian|muslim|jewish|buddhist|hindu|protestant|atheist|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december)$/i;
export const isName = (value: string): boolean => isCapital(value) && !noNames.test(value);
/** A name, or a word in lower case that may be one: "my name is anna". */
export const isOwnName = (value: string): boolean =>
  isName(value) ||
  (/^\p{Ll}+$/u.test(value) &&
    !noNames.test(value) &&
    !/^(?:hard|easy|long|short|secret|private|important|irrelevant|missing|wrong|taken|different|below|above|mud|spelled|pronounced|unusual|common|rare|.+ing)$/.test(
      value,
    ));

/** What people live in that is no place. */
const noHome =
  /^(?:fear|hope|denial|peace|harmony|pain|poverty|misery|luxury|sin|exile|hiding|terror|shame|style|comfort|constant|the (?:moment|past|present|now|future|hope)|an? (?:.*\s)?(?:bubble|dream|lie|fantasy|world))\b/i;
export const isHome = (value: string): boolean => solid(value) && !noHome.test(value);
/** Where people move that is a place to live: a name, or a thing with an article that is no place of work or point in time. */
export const isPlace = (value: string): boolean =>
  (isName(value) || /^(?:the|an?) /.test(value)) &&
  !/\b(?:office|desk|team|department|project|version|topic|point|page|conclusion|phase|step|job|role|position|table)$/i.test(
    value,
  );
/** "I work at night", "for myself". */
const noEmployer =
  /^(?:night|home|dawn|noon|weekends?|least|times|my(?:self|\sown|\sdesk)|ourselves|free|fun|money|hours|days|peace|a living|the (?:moment|weekend)|minimum|food|peanuts)\b/i;
export const isEmployer = (value: string): boolean => solid(value) && !noEmployer.test(value);
