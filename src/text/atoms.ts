// Cuts a sentence that is too long into parts that fit, as coarsely as possible. Knows nothing of chunks.
import { ConfigError } from '../core/errors.js';
import type { SpanOfText } from './span.js';
import { joinsBefore } from './unicode.js';

/** A part of a text that is not cut further, with its number of tokens. */
export interface Atom extends SpanOfText {
  readonly tokens: number;
}

const clauseEnd = new RegExp(
  String.raw`(?<=[.!?…;:,]["'”’)\]]*\s)(?!${joinsBefore})|(?<=[。！？；…，、：]["”’」』）]*)(?!["”’」』）]|${joinsBefore})`,
  'u',
);
const wordEnd = new RegExp(String.raw`(?<=\s)(?=\S)(?!${joinsBefore})`, 'u');

/** Where to cut, from the coarsest place to the finest. */
const cuts: readonly ((text: string) => readonly string[])[] = [
  (text) => text.split(/(?<=\n)/u),
  (text) => text.split(clauseEnd),
  (text) => text.split(wordEnd),
  graphemes,
  (text) => Array.from(text),
];

/** `Intl.Segmenter` needs memory that grows fast with its input, so that it is fed piece by piece. In UTF-16 units. */
const segmenterLength = 4000;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader takes for single characters (extended grapheme clusters, Unicode Standard Annex 29). */
function graphemes(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length;) {
    const piece = text.slice(at, at + segmenterLength);
    const clusters = Array.from(segmenter.segment(piece), ({ segment }) => segment);
    // The last cluster may go on behind the piece.
    if (at + piece.length < text.length && clusters.length > 1) clusters.pop();
    for (const cluster of clusters) at += cluster.length;
    found.push(...clusters);
  }
  return found;
}

/**
 * Parts of at most `maxTokens` each, in order, that together are the text.
 * @throws {ConfigError} when a single code point takes more
 */
export function* atomsOf(
  part: SpanOfText,
  maxTokens: number,
  count: (text: string) => number,
  level = 0,
): Generator<Atom> {
  const tokens = count(part.text);
  const cut = cuts[level];
  if (tokens <= maxTokens) return yield { ...part, tokens };
  if (cut === undefined) throw tooSmall(part.text, tokens, maxTokens);
  let { start } = part;
  const spanOf = (text: string): SpanOfText => ({ start, end: (start += text.length), text });
  for (const pieces of shortRuns(cut(part.text), maxTokens)) {
    const run = pieces.join('');
    const runTokens = count(run);
    if (runTokens <= maxTokens) yield { start, text: run, end: (start += run.length), tokens: runTokens };
    else for (const text of pieces) yield* atomsOf(spanOf(text), maxTokens, count, level + 1);
  }
}

/** Neighbours that fit together if there is no more than one token for each byte, and three bytes for each UTF-16 unit. */
function* shortRuns(texts: readonly string[], maxTokens: number): Generator<string[]> {
  let run: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (run.length > 0 && 3 * (length + text.length) > maxTokens) {
      yield run;
      [run, length] = [[], 0];
    }
    run.push(text);
    length += text.length;
  }
  if (run.length > 0) yield run;
}

/** The last words of a part that take no more than `maxTokens`, as one atom; the last characters where not even a word does. */
export function lastWords(part: SpanOfText, maxTokens: number, count: (text: string) => number): Atom[] {
  for (const cut of [(text: string) => text.split(wordEnd), graphemes]) {
    let [tail, tokens] = ['', 0];
    for (const piece of cut(part.text).reverse()) {
      const more = count(piece + tail);
      if (more > maxTokens) break;
      [tail, tokens] = [piece + tail, more];
    }
    if (tail !== '') return [{ start: part.end - tail.length, end: part.end, text: tail, tokens }];
  }
  return [];
}

function tooSmall(text: string, tokens: number, maxTokens: number): ConfigError {
  return new ConfigError(
    `The character ${JSON.stringify(text)} takes ${tokens} tokens, and a chunk has room for ${maxTokens}. Give chunks of at least ${tokens} tokens.`,
    { fields: { tokens, maxTokens } },
  );
}
