// Sentences of a text that streams by, with memory that does not grow with it. Knows nothing of where text comes from.
import { endOfSentence, longestSentence, type SentenceOptions } from './sentences.js';
import { type SpanOfText, trimSpan } from './span.js';
import type { TextPieces } from './training.js';

/** Text is looked through when this much has come together, so that small pieces do not make it slow. In UTF-16 units. */
const batchLength = 1 << 15;

/**
 * The parts between the ends of sentences, white space included: put together they are the text. The same ends as those of
 * the whole text. Holds two of the longest sentences at most.
 *
 * @param pieces cut anywhere but inside a surrogate pair
 */
export async function* sentenceParts(
  pieces: TextPieces,
  options?: SentenceOptions,
): AsyncGenerator<SpanOfText> {
  let pending = '';
  let start = 0;
  let unread = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += longestSentence) {
      const part = piece.slice(at, at + longestSentence);
      pending += part;
      unread += part.length;
      if (unread < batchLength) continue;
      unread = 0;
      const used = yield* partsOf(pending, start, false, options);
      pending = pending.slice(used);
      start += used;
    }
  }
  yield* partsOf(pending, start, true, options);
}

/** Yields what is certain, and returns how much that is. */
function* partsOf(
  text: string,
  offset: number,
  final: boolean,
  options: SentenceOptions | undefined,
): Generator<SpanOfText, number> {
  let at = 0;
  while (at < text.length) {
    const end = endOfSentence(text, at, final, options);
    if (end === undefined) break;
    yield { start: offset + at, end: offset + end, text: text.slice(at, end) };
    at = end;
  }
  return at;
}

/** The sentences of a stream as `sentenceSpans` finds them in a whole text: positions in the stream, and their text. */
export async function* streamSentences(
  pieces: TextPieces,
  options?: SentenceOptions,
): AsyncGenerator<SpanOfText> {
  for await (const part of sentenceParts(pieces, options)) {
    const { start, end } = trimSpan(part.text, { start: 0, end: part.text.length });
    if (end > start) {
      yield { start: part.start + start, end: part.start + end, text: part.text.slice(start, end) };
    }
  }
}
