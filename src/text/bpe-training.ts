// Trains a byte-level BPE tokenizer from a stream of text. Knows nothing of where the text comes from.
import { ConfigError, DataError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { ByteLevelBpeTokenizer } from './bpe.js';
import { byteCharacters } from './byte-level.js';
import { type LetterWords, MergeLearner } from './merge-learner.js';
import type { Merge } from './merge-rules.js';
import { PreTokenizer } from './pre-tokenizer.js';
import { Pacer, type TextPieces, type TokenizerTrainingOptions } from './training.js';
import { WordCounts } from './word-counts.js';
import type { WordTable } from './word-table.js';

export interface BpeTrainingOptions extends TokenizerTrainingOptions {
  /** Number of ids aimed at: special tokens, 256 bytes and merges. Fewer when the text has no more pairs. */
  readonly vocabularySize: number;
  /** A pair of tokens must occur this often to become a token; 2 by default. */
  readonly minimumFrequency?: number;
  /** How text is split into words; GPT-2's pattern by default. */
  readonly splitPatterns?: readonly string[];
}

/**
 * Learns a byte-level BPE vocabulary. The merges and their order equal those of Hugging Face `tokenizers`. The text is read once
 * and not kept; memory grows with the distinct words, about 15 bytes for each of their bytes.
 *
 * @param pieces whole lines or documents: a piece ends the word it ends in
 * @throws {ConfigError} when the vocabulary size leaves no room for the bytes
 * @throws {DataError} when there is no text
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * const tokenizer = await trainBpe(['low lower lowest\n', 'new newer newest\n'], { vocabularySize: 300 });
 * tokenizer.decode(tokenizer.encode('lower')); // 'lower'
 */
export async function trainBpe(
  pieces: TextPieces,
  options: BpeTrainingOptions,
): Promise<ByteLevelBpeTokenizer> {
  const addedTokens = AddedTokens.ofSpecial(options.specialTokens ?? []);
  const preTokenizer = new PreTokenizer(options.splitPatterns);
  checkOptions(options, addedTokens);
  const pacer = new Pacer(options.signal);
  const { words, counts } = await countWords(
    pieces,
    new WordCounts(addedTokens, preTokenizer),
    pacer,
    options,
  );
  const learner = new MergeLearner(
    letterWords(words),
    counts,
    alphabet.length,
    options.minimumFrequency ?? 2,
  );
  const vocabulary = new Map(addedTokens.special);
  const merges = await learnMerges(learner, vocabulary, pacer, options);
  return new ByteLevelBpeTokenizer({ vocabulary, merges, addedTokens, preTokenizer });
}

/** The characters that stand for bytes in the order of their ids, ... */
const alphabet = [...byteCharacters].sort();
/** ... and the place of each byte in it. */
const byteOrder = byteCharacters.map((character) => alphabet.indexOf(character));

function letterWords(words: WordTable): LetterWords {
  const lettersOf = (index: number): Uint8Array => words.word(index).map((byte) => byteOrder[byte] as number);
  return { size: words.size, totalLength: words.byteLength, lettersOf };
}

function checkOptions(
  { vocabularySize, minimumFrequency = 2 }: BpeTrainingOptions,
  added: AddedTokens,
): void {
  const smallest = added.special.size + alphabet.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < smallest) {
    const problem = `A byte-level vocabulary cannot have ${vocabularySize} tokens. It needs a whole number of at least ${smallest}: ${alphabet.length} bytes and ${added.special.size} special tokens.`;
    throw new ConfigError(problem, { fields: { vocabularySize, smallest } });
  }
  if (!(minimumFrequency >= 1)) {
    throw new ConfigError(`The minimum frequency is ${minimumFrequency}. It must be at least 1.`);
  }
}

async function countWords(
  pieces: TextPieces,
  counts: WordCounts,
  pacer: Pacer,
  { onProgress }: BpeTrainingOptions,
): Promise<WordCounts> {
  const report = (): void =>
    onProgress?.({ phase: 'counting', bytes: counts.bytesRead, distinctWords: counts.words.size });
  for await (const piece of pieces) {
    counts.add(piece);
    if (!pacer.due) continue;
    report();
    await pacer.pause();
  }
  if (counts.words.size === 0) {
    throw new DataError('The text to train the tokenizer on is empty. Give it at least one character.');
  }
  report();
  return counts;
}

/** Learns merges until the vocabulary, to which bytes and merged tokens are added, is full. */
async function learnMerges(
  learner: MergeLearner,
  vocabulary: Map<string, number>,
  pacer: Pacer,
  { vocabularySize, onProgress }: BpeTrainingOptions,
): Promise<Merge[]> {
  const firstId = vocabulary.size;
  const report = (): void =>
    onProgress?.({ phase: 'merging', vocabularySize: vocabulary.size, targetSize: vocabularySize });
  const tokens = [...alphabet];
  for (const token of tokens) addToken(vocabulary, token);
  const merges: Merge[] = [];
  while (vocabulary.size < vocabularySize) {
    const merge = learner.next();
    if (merge === undefined) break;
    const token = `${tokens[merge.left]}${tokens[merge.right]}`;
    tokens.push(token);
    addToken(vocabulary, token);
    merges.push({
      left: firstId + merge.left,
      right: firstId + merge.right,
      merged: firstId + merge.merged,
    });
    if (!pacer.due) continue;
    report();
    await pacer.pause();
  }
  report();
  return merges;
}

function addToken(vocabulary: Map<string, number>, token: string): void {
  if (vocabulary.has(token)) {
    const problem = `The special token ${JSON.stringify(token)} is spelled like a token of the byte-level alphabet. Choose another text for it, for example "<|${token}|>".`;
    throw new ConfigError(problem, { fields: { token } });
  }
  vocabulary.set(token, vocabulary.size);
}
