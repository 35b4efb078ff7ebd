// The contract of every tokenizer: text to ids and back. Knows nothing of models.

/** Turns ids into text as they arrive, without ever emitting half a character. */
export interface StreamDecoder {
  /** The text that became certain with this id; may be empty. */
  push(id: number): string;
  /** What is left at the end; incomplete bytes become U+FFFD. */
  end(): string;
}

/**
 * A trained tokenizer: immutable, the same ids for the same text everywhere.
 * `decode(encode(text))` equals `text` for every tokenizer that declares `lossless`.
 */
export interface Tokenizer {
  /** `character`, `byte-level-bpe`, ... */
  readonly kind: string;
  /** Number of ids: every id is in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Special tokens by their text, for example `<|endoftext|>`. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Whether every Unicode text survives encoding and decoding. */
  readonly lossless: boolean;
  /** @throws {TokenizerError} when a character is not in the vocabulary and there is no unknown token */
  encode(text: string): Int32Array;
  /** @throws {TokenizerError} when an id is outside the vocabulary */
  decode(ids: ArrayLike<number>): string;
  streamDecoder(): StreamDecoder;
  tokenOf(id: number): string | undefined;
  idOf(token: string): number | undefined;
  /** Content of a `tokenizer.json` in the Hugging Face format. */
  toJSON(): Record<string, unknown>;
}
