// Trains a word tokenizer from a stream of text. Knows nothing of where the text comes from.
import { ConfigError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import type { TextPieces, TokenizerTrainingOptions } from './training.js';
import { countWordFrequencies } from './word-frequencies.js';
import { wordsOf, WordTokenizer } from './word.js';

/** The unknown token gets the id 0, that of the end of a line 1; other special tokens follow. */
export interface WordTrainingOptions extends TokenizerTrainingOptions {
  /** Number of ids at most, special tokens included: the most frequent words are kept; all of them by default. */
  readonly vocabularySize?: number | undefined;
  /** A word must occur this often to be kept; 1 by default. */
  readonly minimumFrequency?: number | undefined;
  /** Stands for every other word; `<unk>` by default. Becomes a special token when it is not one yet. */
  readonly unknownToken?: string;
  /** Stands for a line break, as `<eos>` in word-level benchmarks; by default a line break is white space. */
  readonly endOfLineToken?: string | undefined;
}

/**
 * Takes the words of the text, the most frequent first, after the special tokens. Order equals that of Hugging Face `tokenizers`.
 *
 * @throws {ConfigError} when the special tokens leave no room for a word
 * @throws {DataError} when there is no word
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * const tokenizer = await trainWordTokenizer(['the cat\n', 'the dog\n'], { endOfLineToken: '<eos>' });
 * tokenizer.encode('the cow\n'); // Int32Array [2, 0, 1]
 */
export async function trainWordTokenizer(
  pieces: TextPieces,
  options: WordTrainingOptions = {},
): Promise<WordTokenizer> {
  const { specialTokens = [], unknownToken = '<unk>', endOfLineToken, minimumFrequency = 1 } = options;
  const structural = endOfLineToken === undefined ? [unknownToken] : [unknownToken, endOfLineToken];
  const others = specialTokens.filter((token) => !structural.includes(token));
  const addedTokens = AddedTokens.ofSpecial([...structural, ...others]);
  const { vocabularySize = Infinity } = options;
  if (!(vocabularySize > addedTokens.tokens.length)) {
    const problem = `A vocabulary of ${vocabularySize} has no room for a word beside ${addedTokens.tokens.length} special tokens. Give at least ${addedTokens.tokens.length + 1}.`;
    throw new ConfigError(problem, { fields: { vocabularySize } });
  }
  const words = await countWordFrequencies(pieces, wordsOf, addedTokens, options);
  const vocabulary = new Map(addedTokens.special);
  for (const [word, count] of words) {
    if (vocabulary.size >= vocabularySize || count < minimumFrequency) break;
    vocabulary.set(word, vocabulary.size);
  }
  return new WordTokenizer({ vocabulary, addedTokens, unknownToken, endOfLineToken });
}
