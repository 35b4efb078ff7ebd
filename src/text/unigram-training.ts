// Trains a Unigram tokenizer from a stream of text. Knows nothing of where the text comes from.
import { ConfigError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { codePointsOf } from './piece-trie.js';
import { Pacer, type TextPieces, type TokenizerTrainingOptions } from './training.js';
import {
  type CountedWord,
  expectedCounts,
  isSingle,
  longestWord,
  maximized,
  pruned,
  type ScoredPieces,
} from './unigram-estimation.js';
import { seedPieces, type WordRow } from './unigram-seeds.js';
import { unigramWords } from './unigram-words.js';
import { UnigramTokenizer } from './unigram.js';
import { compareCodePoints, type NormalizationForm } from './unicode.js';
import { countWordFrequencies, type WordFrequency } from './word-frequencies.js';

export interface UnigramTrainingOptions extends TokenizerTrainingOptions {
  /** Number of ids aimed at: special tokens, characters and pieces. Fewer when the text has no more substrings. */
  readonly vocabularySize: number;
  /** Stands for characters that are in no piece; `<unk>` by default, with the id 0. */
  readonly unknownToken?: string;
  /** Part of the text whose characters become pieces, the most frequent first; 0.9995 by default. */
  readonly characterCoverage?: number;
  /** Applied to the text first; `NFC` by default, `null` for none. `NFKC`, as in SentencePiece, makes full-width punctuation ASCII. */
  readonly normalizationForm?: NormalizationForm | null;
  /** Substrings to begin with; 10 for each token aimed at by default, at least 100,000. */
  readonly seedSize?: number;
}

/** EM steps between two prunings, and the part of the pieces that a pruning keeps. Source: SentencePiece's defaults. */
const emSteps = 2;
const keptShare = 0.75;

/**
 * Learns a Unigram vocabulary: begins with the frequent substrings, estimates their probabilities by expectation maximisation, and
 * drops those that the likelihood of the text needs least, until the size is reached. Pieces do not mix letters with digits or other
 * signs, nor Chinese and Japanese with other scripts. Source: Kudo 2018, section 3.1; constants of SentencePiece.
 *
 * @throws {ConfigError} when the vocabulary size leaves no room for a character
 * @throws {DataError} when there is no word
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * const tokenizer = await trainUnigram(lines, { vocabularySize: 8000 });
 */
export async function trainUnigram(
  pieces: TextPieces,
  options: UnigramTrainingOptions,
): Promise<UnigramTokenizer> {
  const { vocabularySize, unknownToken = '<unk>', normalizationForm = 'NFC', specialTokens = [] } = options;
  const others = specialTokens.filter((token) => token !== unknownToken);
  const addedTokens = AddedTokens.ofSpecial([unknownToken, ...others]);
  const special = addedTokens.tokens.map(({ content }) => content);
  if (!Number.isInteger(vocabularySize) || vocabularySize <= special.length) {
    const problem = `A Unigram vocabulary cannot have ${vocabularySize} tokens. It needs a whole number of at least ${special.length + 1}: ${special.length} special tokens and one character.`;
    throw new ConfigError(problem, { fields: { vocabularySize } });
  }
  const wordsOf = (text: string): string[] => trainingWords(text, normalizationForm);
  const words = await countWordFrequencies(pieces, wordsOf, addedTokens, options);
  const { pieces: learned, scores } = await learnPieces(
    words,
    vocabularySize - special.length,
    special.length,
    options,
  );
  return new UnigramTokenizer({
    pieces: [...special, ...learned],
    scores: [...special.map(() => 0), ...scores],
    addedTokens,
    unknownId: 0,
    normalizationForm,
  });
}

const ideographs = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー〇`;
const runs = new RegExp(
  String.raw`▁?[${ideographs}]+|▁?(?:(?![${ideographs}])[\p{L}\p{M}])+|▁?\p{N}+|▁?(?:(?!▁)[^\p{L}\p{M}\p{N}])+|▁`,
  'gu',
);

/** Words, cut where the kind of character changes. */
function trainingWords(text: string, form: NormalizationForm | null): string[] {
  const words: string[] = [];
  for (const { word } of unigramWords(text, form)) words.push(...(word.match(runs) ?? []));
  return words;
}

async function learnPieces(
  frequencies: readonly WordFrequency[],
  size: number,
  specialCount: number,
  { onProgress, signal, characterCoverage = 0.9995, seedSize }: UnigramTrainingOptions,
): Promise<ScoredPieces> {
  const pacer = new Pacer(signal);
  const characters = charactersOf(frequencies, characterCoverage, size);
  const words = countedWords(frequencies, new Set(characters));
  const seeds = seedPieces(wordRow(words), seedSize ?? Math.max(100_000, 10 * size));
  let scored = firstScores([...characters, ...seeds], words);
  const report = (): void =>
    onProgress?.({
      phase: 'pruning',
      vocabularySize: scored.pieces.length + specialCount,
      targetSize: size + specialCount,
    });
  const pause = (): Promise<void> | undefined => {
    if (!pacer.due) return undefined;
    report();
    return pacer.pause();
  };
  const enough = Math.max(Math.ceil(1.1 * size), characters.length);
  for (;;) {
    for (let step = 0; step < emSteps; step++) {
      scored = maximized(scored.pieces, (await expectedCounts(words, scored, pause)).counts);
    }
    if (scored.pieces.length <= enough) break;
    const smaller = Math.max(enough, Math.floor(keptShare * scored.pieces.length));
    scored = await pruned(words, scored, smaller, pause);
  }
  scored = likeliest(scored, size);
  report();
  return scored;
}

/** The characters that make up the wanted part of the text, the most frequent first, and no more than there is room for. */
function charactersOf(words: readonly WordFrequency[], coverage: number, room: number): string[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
    total += count * word.length;
  }
  let covered = 0;
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))
    .filter(([character, count]) => {
      const wanted = covered < coverage * total;
      covered += count * character.length;
      return wanted;
    })
    .slice(0, room)
    .map(([character]) => character);
}

/** Words in code points, cut at characters that are no pieces and where they are too long. */
function countedWords(words: readonly WordFrequency[], characters: ReadonlySet<string>): CountedWord[] {
  return words.flatMap(([word, count]) => {
    const known = Array.from(word, (character) => (characters.has(character) ? character : '\0')).join('');
    return known.split('\0').flatMap((part) => {
      const codes = codePointsOf(part);
      const starts = Array.from({ length: Math.ceil(codes.length / longestWord) }, (_, i) => i * longestWord);
      return starts.map((start) => ({ codes: codes.subarray(start, start + longestWord), count }));
    });
  });
}

function wordRow(words: readonly CountedWord[]): WordRow {
  const length = words.reduce((sum, { codes }) => sum + codes.length + 1, 0);
  const codes = new Int32Array(length);
  const weights = new Float64Array(length);
  let at = 0;
  for (const word of words) {
    codes.set(word.codes, at);
    weights.fill(word.count, at, at + word.codes.length);
    at += word.codes.length + 1;
  }
  return { codes, weights };
}

/** Probabilities by which EM begins: in proportion to how often each piece would be found if all were found everywhere. */
function firstScores(pieces: readonly string[], words: readonly CountedWord[]): ScoredPieces {
  const size = words.reduce((sum, { codes, count }) => sum + codes.length * count, 0);
  const scores = pieces.map((piece) => -Math.log(size) * (isSingle(piece) ? 0.5 : 0.4));
  return { pieces, scores };
}

/** All characters and the likeliest of the others, by falling probability. */
function likeliest({ pieces, scores }: ScoredPieces, size: number): ScoredPieces {
  const ranked = pieces
    .map((piece, id) => ({ piece, score: scores[id] ?? 0, single: isSingle(piece) }))
    .sort(
      (a, b) =>
        Number(b.single) - Number(a.single) || b.score - a.score || compareCodePoints(a.piece, b.piece),
    )
    .slice(0, size)
    .sort((a, b) => b.score - a.score || compareCodePoints(a.piece, b.piece));
  return { pieces: ranked.map(({ piece }) => piece), scores: ranked.map(({ score }) => score) };
}
