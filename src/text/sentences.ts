// Where sentences and paragraphs end, in English, Chinese and mixed text. Knows nothing of tokens or of where text comes from.
import { alwaysContinues, beginsSentence, continuesWithNumber, mayEnd } from './abbreviations.js';
import { type Span, spansBetween, trimSpan } from './span.js';
import { joinsBefore } from './unicode.js';

export interface SentenceOptions {
  /**
   * `soft`: a line break ends a sentence only at a blank line, beside a Chinese or Japanese character, and around the headings,
   * items and code fences of Markdown, so that hard-wrapped text stays whole. `hard`: every line break does. Default `soft`.
   */
  readonly lineBreaks?: 'soft' | 'hard';
}

/** Longer sentences are cut at white space, so that a stream without any end of sentence fits into memory. In UTF-16 units. */
export const longestSentence = 1 << 16;

/** How far behind white space the next word is looked at. */
const lookahead = 32;

const cjk = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}〇ー`;
const terminators = /(?:\. ){2,}\.|[.!?…。！？；｡⋯।॥؟۔።]+|\n/gu;
/** Quotes, brackets, emphasis and footnote marks that belong to the sentence before them. */
const closers = /(?:\[\d{1,3}\]|["'”’»›)\]}」』）》】〕〉*_])*/uy;
const joined = new RegExp(joinsBefore, 'uy');
const whiteSpace = /\s*/uy;
const fenceStart = /(?<mark>`{3,}|~{3,})[^\n`]*(?:\n|$)/uy;
/** A line that begins a block of Markdown: a heading, an item, a quotation, a row of a table, a code fence. */
const blockStart = /[^\S\n]*(?:#{1,6}\s|[-*+•]\s|\d{1,3}[.)]\s|>\s|\||`{3}|~{3})/uy;
const headingStart = /#{1,6}\s/uy;
const cjkEnd = new RegExp(`[${cjk}][”’」』）》】]*$`, 'u');
const cjkStart = new RegExp(`^[“‘「『（《【]*[${cjk}]`, 'u');

/** Where a match of a sticky pattern at `at` ends, or `at` itself. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/**
 * Where the sentence that starts at `from` ends, white space behind it included. Looks at nothing before `from`.
 *
 * @param final whether the text ends here; otherwise more may follow
 * @returns `undefined` when more text is needed to tell
 */
export function endOfSentence(
  text: string,
  from: number,
  final: boolean,
  options: SentenceOptions = {},
): number | undefined {
  const begin = skip(whiteSpace, text, from);
  const fence = endOfFence(text, begin, final);
  if (fence !== null) return fence;
  const reach = from + longestSentence;
  terminators.lastIndex = begin;
  for (let match = terminators.exec(text); match !== null; match = terminators.exec(text)) {
    if (match.index >= reach) break;
    const after = match.index + match[0].length;
    const closed = match[0] === '\n' ? match.index : skip(closers, text, after);
    const next = skip(whiteSpace, text, closed);
    if (next + lookahead > text.length && !final && next < reach) return undefined;
    const place: Place = { text, begin, end: match.index, terminator: match[0], closed, next };
    const ends = next === text.length || breaksLine(place, options) || isEnd(place);
    if (ends && !matchesAt(joined, text, next)) return next;
    terminators.lastIndex = Math.max(after, closed);
  }
  if (text.length > reach) return lastWhiteSpace(text, begin, reach);
  return final ? text.length : undefined;
}

/** A place where a sentence may end. */
interface Place {
  readonly text: string;
  /** Where the sentence begins. */
  readonly begin: number;
  /** Where its words end and the terminator begins, ... */
  readonly end: number;
  readonly terminator: string;
  /** ... where the quotes and brackets behind the terminator end, ... */
  readonly closed: number;
  /** ... and where the next word begins. */
  readonly next: number;
}

/** Whether the white space before the next word has a line break that ends whatever stands before it. */
function breaksLine({ text, begin, closed, next }: Place, { lineBreaks }: SentenceOptions): boolean {
  const space = text.slice(closed, next);
  const breaks = space.split('\n').length - 1;
  if (breaks === 0) return false;
  if (breaks > 1 || lineBreaks === 'hard') return true;
  const besideCjk =
    cjkEnd.test(text.slice(Math.max(begin, closed - 4), closed)) || cjkStart.test(text.slice(next, next + 4));
  return besideCjk || matchesAt(blockStart, text, next) || matchesAt(headingStart, text, begin);
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** Whether a terminator ends its sentence. */
function isEnd(place: Place): boolean {
  const { text, end, terminator, closed, next } = place;
  if (terminator === '\n') return false;
  const following = text.slice(next, next + lookahead);
  const before = text.slice(Math.max(0, end - 4), end);
  const besideCjk = cjkEnd.test(before) || (next === closed && cjkStart.test(following));
  if (/[。！？；｡⋯]/u.test(terminator) || (terminator.includes('…') && besideCjk)) {
    return !/^[，、：；。,.:;!?！？]/u.test(following);
  }
  if (next === closed) return cjkStart.test(following) && (cjkEnd.test(before) || /[!?]/.test(terminator));
  if (/^["'“‘«(¿¡[]*\p{Ll}/u.test(following)) return false;
  return terminator !== '.' || fullStopEnds(place, following);
}

const initialsPattern = /^(?:\p{L}\.)+\p{L}$/u;

/** Whether a single full stop before a word that could begin a sentence is more than the mark of an abbreviation. */
function fullStopEnds({ text, begin, end, closed }: Place, following: string): boolean {
  const word = /\S*$/u.exec(text.slice(Math.max(begin, end - lookahead), end))?.[0] ?? '';
  const bare = word.replace(/^[^\p{L}\p{N}]+/u, '');
  const lower = bare.toLowerCase();
  // The number of an item: `1. Introduction`.
  if (/^\d{1,3}$/.test(bare) && text.slice(begin, end) === bare) return false;
  if (closed > end + 1) return true;
  if (alwaysContinues.has(lower)) return false;
  if (continuesWithNumber.has(lower) && /^\d/.test(following)) return false;
  const isInitial = /^\p{Lu}$/u.test(bare);
  if (isInitial || initialsPattern.test(bare) || mayEnd.has(lower)) {
    const nextWord = /\p{L}+/u.exec(following)?.[0] ?? '';
    return beginsSentence.has(nextWord.toLowerCase());
  }
  return true;
}

/** Where the code fence that starts at `begin` ends; `null` where none starts. One that never closes reaches to the end. */
function endOfFence(text: string, begin: number, final: boolean): number | undefined | null {
  fenceStart.lastIndex = begin;
  const mark = fenceStart.exec(text)?.groups?.['mark'];
  if (mark === undefined)
    return begin === text.length || final || text.length - begin > lookahead ? null : undefined;
  const close = new RegExp(`\\n[^\\S\\n]{0,3}${mark[0]}{${mark.length},}[^\\S\\n]*(?=\\n|$)`, 'gu');
  close.lastIndex = begin;
  const closed = close.test(text) ? close.lastIndex : text.length;
  if (closed < text.length || final) {
    const next = skip(whiteSpace, text, closed);
    return next < text.length || final ? next : undefined;
  }
  return text.length - begin > longestSentence ? text.lastIndexOf('\n') + 1 || text.length : undefined;
}

const lastSpace = new RegExp(String.raw`\s(?!${joinsBefore})(?=\S*$)`, 'u');

/** The last place before `reach` where a word ends, or one that is not inside a surrogate pair. */
function lastWhiteSpace(text: string, begin: number, reach: number): number {
  const space = lastSpace.exec(text.slice(reach - 1024, reach));
  if (space !== null && reach - 1024 + space.index > begin) return reach - 1023 + space.index;
  return /[\uD800-\uDBFF]/.test(text.charAt(reach - 1)) ? reach - 1 : reach;
}

/** Where each sentence ends, white space behind it included: the text cut into sentences, nothing left out. */
export function sentenceEnds(text: string, options?: SentenceOptions): number[] {
  const ends: number[] = [];
  for (let at = 0; at < text.length;) {
    at = endOfSentence(text, at, true, options) ?? text.length;
    ends.push(at);
  }
  return ends;
}

/**
 * The sentences of a text, without the white space between them. Abbreviations, initials, decimals, URLs and ellipses do not end
 * a sentence; quotes and brackets behind its terminator belong to it; a code fence of Markdown is one sentence.
 *
 * @example
 * sentenceSpans('Dr. Li paid $3.50. “贵！”他说。').length; // 3
 */
export function sentenceSpans(text: string, options?: SentenceOptions): Span[] {
  return nonEmpty(text, sentenceEnds(text, options));
}

/** The paragraphs of a text: what blank lines part, and Chinese lines. A code fence is never cut. White space around them is left out. */
export function paragraphSpans(text: string): Span[] {
  const ends = sentenceEnds(text).filter((end, i, all) => {
    const space = /\s*$/u.exec(text.slice(all[i - 1] ?? 0, end))?.[0] ?? '';
    const lineEnd = end - space.length;
    const besideCjk =
      cjkEnd.test(text.slice(Math.max(0, lineEnd - 4), lineEnd).replace(/[\p{P}]+$/u, '')) ||
      cjkStart.test(text.slice(end, end + 4));
    return end === text.length || /\n[^\S\n]*\n/u.test(space) || (space.includes('\n') && besideCjk);
  });
  return nonEmpty(text, ends);
}

function nonEmpty(text: string, ends: readonly number[]): Span[] {
  return spansBetween(ends)
    .map((span) => trimSpan(text, span))
    .filter(({ start, end }) => end > start);
}
