// Stories as tables of ids, one table for each length of story. Knows nothing of models.
import type { StoryQuestion } from '../../data/babi.js';
import type { RowTable } from '../../train/row-table.js';
import type { StoryVocabulary } from './vocabulary.js';
import { int32Rows } from '../../train/row-table.js';

/** Sizes that all tables of a task share, so that one compiled graph serves a length in training and in tests. */
export interface StorySizes {
  /** Words of the longest sentence. */
  readonly words: number;
  /** Words of the longest question. */
  readonly questionWords: number;
  /** Sentences that stories are filled up to, in ascending order. A longer story keeps its latest sentences. */
  readonly lengths: readonly number[];
}

/** Questions whose stories have about the same length, and their ids. */
export interface StoryTable {
  readonly questions: readonly StoryQuestion[];
  /** `story` int32 [rows, sentences, words], `question` int32 [rows, words], `answer` int32 [rows]. */
  readonly rows: RowTable;
}

/** Lengths at these shares of all stories become table lengths: many short stories should not pay for a few long ones. */
const lengthShares = [0.2, 0.4, 0.6, 0.8, 0.95, 1];

/** @param maxSentences stories longer than this are cut */
export function storySizes(questions: readonly StoryQuestion[], maxSentences: number): StorySizes {
  const counts = questions.map(({ sentences }) => sentences.length).sort((a, b) => a - b);
  const atShare = (share: number): number => counts[Math.ceil(share * counts.length) - 1] ?? 1;
  const lengths = lengthShares.map((share) => Math.min(atShare(share), maxSentences));
  const longest = (lists: readonly (readonly unknown[])[]): number =>
    lists.reduce((most, { length }) => Math.max(most, length), 1);
  return {
    words: longest(questions.flatMap(({ sentences }) => sentences)),
    questionWords: longest(questions.map(({ question }) => question)),
    lengths: [...new Set(lengths)],
  };
}

/** The table length of a story. */
function lengthOf({ sentences }: StoryQuestion, { lengths }: StorySizes): number {
  return lengths.find((length) => length >= sentences.length) ?? lengths.at(-1) ?? 1;
}

/** Questions sorted into tables by the length of their stories. */
export function storyTables(
  questions: readonly StoryQuestion[],
  vocabulary: StoryVocabulary,
  sizes: StorySizes,
): StoryTable[] {
  return sizes.lengths.flatMap((length) => {
    const chosen = questions.filter((question) => lengthOf(question, sizes) === length);
    return chosen.length === 0 ? [] : [storyTable(chosen, length, vocabulary, sizes)];
  });
}

function storyTable(
  questions: readonly StoryQuestion[],
  length: number,
  vocabulary: StoryVocabulary,
  { words, questionWords }: StorySizes,
): StoryTable {
  const padded = (sentence: readonly string[]): number[] => {
    const ids = vocabulary.wordIds(sentence);
    return [...ids, ...Array.from({ length: words - ids.length }, () => 0)];
  };
  const stories = questions.map(({ sentences }) => sentences.slice(-length).flatMap(padded));
  const asked = questions.map(({ question }) => vocabulary.wordIds(question));
  const answers = questions.map(({ answer }) => [vocabulary.answerId(answer)]);
  const rows = {
    story: int32Rows(stories, [length, words]),
    question: int32Rows(asked, [questionWords]),
    answer: int32Rows(answers, []),
  };
  return { questions, rows };
}
