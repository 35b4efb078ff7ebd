// Where each token of a text comes from. Knows nothing of how text is tokenized.
import { TokenizerError } from '../core/errors.js';
import type { Span } from './span.js';
import type { Tokenizer } from './tokenizer.js';

/** The ids of a text, and the stretch of the text that each stands for. */
export interface Encoding {
  readonly ids: Int32Array;
  /** One for each id, in reading order; positions in UTF-16 units. Two tokens that share a character both span all of it. */
  readonly spans: readonly Span[];
}

/** Collects ids and their spans. */
export class EncodingBuilder {
  private readonly ids: number[] = [];
  private readonly spans: Span[] = [];

  add(id: number, start: number, end: number): void {
    this.ids.push(id);
    this.spans.push({ start, end });
  }

  build(): Encoding {
    return { ids: Int32Array.from(this.ids), spans: this.spans };
  }
}

/**
 * The ids that `encode` gives, with their places in the text.
 * @throws {TokenizerError} when the tokenizer does not know them: one that runs in another library
 */
export function encodeWithOffsets(tokenizer: Tokenizer, text: string): Encoding {
  if (tokenizer.encodeWithOffsets !== undefined) return tokenizer.encodeWithOffsets(text);
  const problem = `A tokenizer of the kind "${tokenizer.kind}" does not say where its tokens stand in the text. Use one that Mneme has trained, or a WordPiece, Unigram or byte-level BPE file.`;
  throw new TokenizerError(problem, { fields: { kind: tokenizer.kind } });
}
