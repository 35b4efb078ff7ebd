// Trains a WordPiece tokenizer from a stream of text. Knows nothing of where the text comes from.
import { ConfigError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { type BertNormalization, BertNormalizer } from './bert-normalizer.js';
import { MergeLearner } from './merge-learner.js';
import { Pacer, type TextPieces, type TokenizerTrainingOptions } from './training.js';
import { compareCodePoints } from './unicode.js';
import { countWordFrequencies, type WordFrequency } from './word-frequencies.js';
import { uncased, WordPieceTokenizer } from './word-piece.js';

/** Special tokens of BERT in the order of its vocabulary files; they come before all others. */
export const bertSpecialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

export interface WordPieceTrainingOptions extends TokenizerTrainingOptions {
  /** Number of ids aimed at: special tokens, characters, and pieces. Fewer when the text has no more pairs. */
  readonly vocabularySize: number;
  /** A pair of pieces must occur this often to become one; 2 by default. */
  readonly minimumFrequency?: number;
  /** Parts of {@link uncased} to change: `{ lowercase: false, stripAccents: false }` keeps case and accents. */
  readonly normalization?: Partial<BertNormalization>;
}

const prefix = '##';

/**
 * Learns a WordPiece vocabulary: the characters of the text, most frequent first where there is no room for all, then pieces by
 * merging the most frequent pair. That is how Hugging Face `tokenizers` trains WordPiece; the original maximises the likelihood
 * of the text instead (Schuster and Nakajima 2012) and was never published. Special tokens `[PAD] [UNK] [CLS] [SEP] [MASK]` come first.
 *
 * @throws {ConfigError} when the vocabulary size leaves no room for a character
 * @throws {DataError} when there is no word
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * const tokenizer = await trainWordPiece(['low lower lowest\n', 'new newer newest\n'], { vocabularySize: 60 });
 */
export async function trainWordPiece(
  pieces: TextPieces,
  options: WordPieceTrainingOptions,
): Promise<WordPieceTokenizer> {
  const others = (options.specialTokens ?? []).filter((token) => !isBertSpecial(token));
  const addedTokens = AddedTokens.ofSpecial([...bertSpecialTokens, ...others]);
  checkOptions(options, addedTokens);
  const normalization = { ...uncased, ...options.normalization };
  const normalizer = new BertNormalizer(normalization);
  const wordsOf = (text: string): string[] => {
    const words: string[] = [];
    normalizer.eachWord(text, (word) => words.push(word));
    return words;
  };
  const words = await countWordFrequencies(pieces, wordsOf, addedTokens, options);
  const vocabulary = new Map(addedTokens.special);
  await learnPieces(words, vocabulary, options);
  return new WordPieceTokenizer({
    vocabulary,
    addedTokens,
    normalization,
    postProcessor: bertPostProcessor(vocabulary),
  });
}

function isBertSpecial(token: string): boolean {
  return (bertSpecialTokens as readonly string[]).includes(token);
}

function checkOptions(
  { vocabularySize, minimumFrequency = 2 }: WordPieceTrainingOptions,
  added: AddedTokens,
): void {
  const smallest = added.tokens.length + 1;
  if (!Number.isInteger(vocabularySize) || vocabularySize < smallest) {
    const problem = `A WordPiece vocabulary cannot have ${vocabularySize} tokens. It needs a whole number of at least ${smallest}: ${added.tokens.length} special tokens and one character.`;
    throw new ConfigError(problem, { fields: { vocabularySize, smallest } });
  }
  if (!(minimumFrequency >= 1)) {
    throw new ConfigError(`The minimum frequency is ${minimumFrequency}. It must be at least 1.`);
  }
}

/** The characters of a word as pieces: all but the first with the prefix. */
function lettersOf(word: string): string[] {
  return Array.from(word, (character, i) => (i === 0 ? character : prefix + character));
}

/** The letters that fit into a vocabulary, in the order of code points, those inside of words behind the others. */
function alphabetOf(words: readonly WordFrequency[], room: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const letter of lettersOf(word)) counts.set(letter, (counts.get(letter) ?? 0) + count);
  }
  const kept = [...counts]
    .sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))
    .slice(0, room)
    .map(([letter]) => letter);
  const isInside = (letter: string): boolean => letter.length > prefix.length && letter.startsWith(prefix);
  return kept.sort((a, b) => Number(isInside(a)) - Number(isInside(b)) || compareCodePoints(a, b));
}

/** Fills the vocabulary with letters and merged pieces. */
async function learnPieces(
  words: readonly WordFrequency[],
  vocabulary: Map<string, number>,
  { vocabularySize, minimumFrequency = 2, onProgress, signal }: WordPieceTrainingOptions,
): Promise<void> {
  const tokens = alphabetOf(words, vocabularySize - vocabulary.size);
  const letterIds = new Map(tokens.map((letter, id) => [letter, id]));
  for (const letter of tokens) vocabulary.set(letter, vocabulary.size);
  // A word with a letter that did not fit is unknown as a whole: nothing is to be learned from it.
  const known = words.filter(([word]) => lettersOf(word).every((letter) => letterIds.has(letter)));
  const letters = known.map(([word]) => lettersOf(word).map((letter) => letterIds.get(letter) ?? 0));
  const totalLength = letters.reduce((sum, { length }) => sum + length, 0);
  const learner = new MergeLearner(
    { size: letters.length, totalLength, lettersOf: (index) => letters[index] ?? [] },
    known.map(([, count]) => count),
    tokens.length,
    minimumFrequency,
  );
  const pacer = new Pacer(signal);
  const report = (): void =>
    onProgress?.({ phase: 'merging', vocabularySize: vocabulary.size, targetSize: vocabularySize });
  while (vocabulary.size < vocabularySize) {
    const merge = learner.next();
    if (merge === undefined) break;
    const token = `${tokens[merge.left]}${(tokens[merge.right] ?? '').slice(prefix.length)}`;
    tokens.push(token);
    if (!vocabulary.has(token)) vocabulary.set(token, vocabulary.size);
    if (!pacer.due) continue;
    report();
    await pacer.pause();
  }
  report();
}

/** `[CLS] text [SEP]` and `[CLS] text [SEP] text [SEP]`, as BERT reads one text or two. */
function bertPostProcessor(vocabulary: ReadonlyMap<string, number>): unknown {
  const special = (id: string, type_id: number): unknown => ({ SpecialToken: { id, type_id } });
  const text = (id: string, type_id: number): unknown => ({ Sequence: { id, type_id } });
  const entry = (id: string): unknown => ({ id, ids: [vocabulary.get(id)], tokens: [id] });
  const single = [special('[CLS]', 0), text('A', 0), special('[SEP]', 0)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, text('B', 1), special('[SEP]', 1)],
    special_tokens: { '[CLS]': entry('[CLS]'), '[SEP]': entry('[SEP]') },
  };
}
