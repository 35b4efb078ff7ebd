// Cuts a text into what is translated at once. Knows no model.
import type { Span } from '../../text/index.js';
import type { PairEncoder } from '../writing/pair-tokens.js';
import { chunkText, sentenceSpans } from '../../text/index.js';
import { trimSpan } from '../../text/span.js';

type Encoder = Pick<PairEncoder, 'beginning' | 'longestSource'>;

const line = /[^\s][^\n\r]*/g;

/**
 * Lines of at most `usual` tokens as they are, sentences of longer ones, and chunks of sentences that the model cannot read
 * at once. White space around segments is left out; empty texts have none.
 */
export function segmentsOf(text: string, encoder: Encoder, usual: number): Span[] {
  const fits = ({ start, end }: Span, most: number): boolean =>
    encoder.beginning(text.slice(start, end)).length < most;
  return [...text.matchAll(line)].flatMap(({ 0: found, index }) => {
    const whole = { start: index, end: index + found.trimEnd().length };
    if (fits(whole, usual)) return [whole];
    const sentences = within(whole, sentenceSpans(text.slice(whole.start, whole.end)));
    return sentences.flatMap((sentence) => {
      if (fits(sentence, encoder.longestSource)) return [sentence];
      const tokenizer = { encode: (part: string) => Int32Array.from(encoder.beginning(part)) };
      const maxTokens = Math.max(1, encoder.longestSource - 1);
      const chunks = chunkText(text.slice(sentence.start, sentence.end), tokenizer, { maxTokens });
      return within(sentence, [...chunks]).map((chunk) => trimSpan(text, chunk));
    });
  });
}

/** Spans of a part as spans of the whole. */
function within({ start }: Span, spans: readonly Span[]): Span[] {
  return spans.map((span) => ({ start: start + span.start, end: start + span.end }));
}
