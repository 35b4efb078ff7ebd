// Cuts English texts into clauses that state something, and values to their core. Knows no rules.

/** Verbs in the present with which "I" goes on after "and": "I love olives and hate anchovies". */
const ownVerb = String.raw`(?:love|like|enjoy|hate|dislike|prefer|live|work|speak|study)`;
const goesOn = new RegExp(
  String.raw`\b(I (?:really |also |still )*${ownVerb} (?!to\b)[^.!?;,\n]*?),? (?:and|but) (?=(?:now |also |really )*(?:${ownVerb}|don't|don’t|can't|can’t|cannot)\b)`,
  'gu',
);
/** What others are quoted with; a name in quotation marks stays. */
const quoted = /["“«][^"”»\n]*\b(?:I|my|we|our)\b[^"”»\n]*["”»]/gu;
/** What is told within a supposition or a story goes with it: "If I move to Rome, my address is ...". */
const told =
  /(^|[.!?\n]\s*)(?:if (?:I|my|we|our|it)|suppose|supposing|imagine|assum(?:e|ing)|pretend|let['’]?s say|in (?:my|the|an?|this) (?:dream|novel|story|book|game|play|film|movie|song))\b[^.!?\n]*/giu;
/** "X isn't A, it's B" and "X used to be A but now it is B" say that X is B. */
const replaced: readonly RegExp[] = [
  /\b(is|are)(?: no longer| not|n't|n’t) (?!\p{L}+ing\b)[^,;.!?\n]{1,60}?,? (?:but|it's|it’s|it is|they're|they are) (?:rather |now |actually )?/giu,
  /\b()used to be [^,;.!?\n]{1,60}?,? (?:(?:but|and) )?(?:now |these days )?(?:it's|it’s|it is|is) (?:now )?/giu,
];

const clauseEnd =
  /(?<!\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e))[.!?;\n]+(?=\s|$)|\s+but\s+(?<!\b[Nn]ot(?: [\p{L}\p{N}'’-]+){1,5},?\s+but\s+)|\s+but\s+(?=(?:I|my|we|our|he|she|they|you|now)\b)|\s+(?:though|although|however|while)\s+|,?\s+and\s+(?=(?:I|my|we|our)\b)|,\s+(?=(?:I(?! meant)|my|but|so)\b)/u;
const valueEnd =
  /[,;:()"]|\s[-–—]\s|\s+(?:and (?:I|my|we|he|she|it|they)|I|we|but|because|when|since|which|where|so|as|after|before|if|who|that|these days|at the moment|right now|any ?more|any longer|nowadays|instead|too|as well|a lot|very much|so much|the most|again|now|recently|actually|with my|for (?:\d+|an?|two|three|many|several|the last) (?:days?|weeks?|months?|years?))(?=\s|$)/u;

/** Without words that only open a sentence, and a capital only where a name has one. */
const opened = (clause: string): string =>
  clause
    .replace(
      /^(?:(?:no|yes|yeah|well|actually|oh|ah|hm+|um|sorry|wait|right|ok|okay|so|by the way|also|correction)[,:]?\s+)+(?=\S)/iu,
      '',
    )
    .replace(/^(?:My|Our|The|We|Not|It|That|Should|Make|Please|Call)(?!\p{L})/u, (word) =>
      word.toLowerCase(),
    );

/** A question states nothing; it is cut off with its mark, as is what somebody else is quoted with. */
export function clausesOf(text: string): readonly string[] {
  const stated = text
    .replace(/i(?=(?:['’](?:m|ve))?\s)(?<![\p{L}\p{N}]i)/gu, 'I')
    .replace(quoted, ' ')
    .replace(told, '$1')
    .replace(/[^.!?\n]*\?/g, '.')
    .replace(goesOn, '$1. I ');
  return replaced
    .reduce((rest, pattern) => rest.replace(pattern, (_all, verb: string) => `${verb || 'is'} `), stated)
    .split(clauseEnd)
    .map((clause) => opened(clause.trim()))
    .filter((clause) => clause.length > 3);
}

const supposed =
  /\b(?:if|wish|would|could|might|imagine|suppose|supposing|pretend|kidding|jok(?:e|ing)|dreamt?|unless|whether|assum(?:e|ing)|let'?s say|in case|I doubt|not (?:true|the case)|(?:don't|don’t|do not|didn't|didn’t) (?:think|believe) (?:that )?(?:I|my|we))\b/i;
/** What others say or think of the speaker; what speakers say themselves they state. */
const reported =
  /\b(?:sa(?:y|ys|id)|tells?|told|thinks?|thought|believes?|believed|claims?|claimed|assumes?|assumed|ask(?:s|ed)|heard)\b(?<!\bI(?:'ve|’ve| have)? (?:\p{L}+ )?\p{L}+).*\b(?:I|my|we|our)\b/iu;
/** A question without its mark. */
const asked: readonly RegExp[] = [
  /^(?:(?:what|where|who|whom|whose|why|how|which)\b|(?:when )?(?:do|does|did|am|is|are|was|were|can|could|should|shall|will|would|have|has|had) (?:I|you|we|they|he|she|it|my|our|your|the|this|that)\b)/i,
  /^(?:Do|Does|Did|Is|Are|Was|Were|Has|Have|Can|Will) \p{Lu}/u,
];

/** Whether a clause supposes, asks, hopes, or tells what others say, rather than states. */
export const isUnreal = (clause: string): boolean =>
  supposed.test(clause) || reported.test(clause) || asked.some((pattern) => pattern.test(clause));

export const doubtOf = (clause: string): number =>
  /\b(?:maybe|perhaps|probably|I think|I guess|not sure|possibly)\b/i.test(clause) ? 0.6 : 1;

/** Leaves the core: cut at what only goes on. */
export function trimValue(value: string): string {
  const core = value.split(valueEnd)[0] ?? '';
  return core
    .replace(/\s+(?:on|in|at|since|to|over)\s*$/u, '')
    .replace(/[\s.!…]+$/u, '')
    .trim();
}
