// The contract of every tokenizer: text to ids and back. Knows nothing of models.
import type { Encoding } from './offsets.js';

/** Turns ids into text as they arrive, without ever emitting half a character. */
export interface StreamDecoder {
  /** The text that became certain with this id; may be empty. @throws {TokenizerError} when the id is outside the vocabulary */
  push(id: number): string;
  /** What is left at the end; incomplete bytes become U+FFFD. */
  end(): string;
}

/** A trained tokenizer: immutable, the same ids for the same text everywhere. */
export interface Tokenizer {
  /** `character`, `word`, `word-piece`, `unigram`, `byte-level-bpe` or `hugging-face`. */
  readonly kind: string;
  /** Number of ids: every id is in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Special tokens by their text, for example `<|endoftext|>`. They are found in the text before anything else and kept whole. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /**
   * Whether `decode(encode(text))` is `text` for every text that `encode` accepts. A lone surrogate, which no file can hold,
   * comes back as U+FFFD all the same.
   */
  readonly lossless: boolean;
  /**
   * The ids of a text, in reading order. Nothing is added at the start or the end.
   * @throws {TokenizerError} when a character is not in the vocabulary and there is no unknown token
   */
  encode(text: string): Int32Array;
  /** The same ids with their places in the text, where the tokenizer knows them: see `encodeWithOffsets` of offsets.ts. */
  encodeWithOffsets?(text: string): Encoding;
  /** The text of the ids, special tokens included. @throws {TokenizerError} when an id is outside the vocabulary */
  decode(ids: ArrayLike<number>): string;
  streamDecoder(): StreamDecoder;
  /** The token as the vocabulary spells it, which for byte-level tokens is not the text it stands for. */
  tokenOf(id: number): string | undefined;
  idOf(token: string): number | undefined;
  /** Content of a `tokenizer.json` in the Hugging Face format. */
  toJSON(): Record<string, unknown>;
}
