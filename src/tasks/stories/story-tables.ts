// Stories as tables of ids, one table for each length. Knows nothing of models.
import type { StoryQuestion } from '../../data/babi.js';
import type { RowTable } from '../../train/row-table.js';
import type { StoryVocabulary } from './vocabulary.js';
import { int32Rows } from '../../train/row-table.js';

/** Questions whose stories have about the same length, and their ids. */
export interface StoryTable {
  readonly questions: readonly StoryQuestion[];
  /** The tensors that a model reads, and `answer` int32 [rows]. */
  readonly rows: RowTable;
}

/** How questions become tables: sizes that training and tests share, so that one compiled graph serves both. */
export interface StoryLayout {
  /** Sorts questions into tables. */
  tables(questions: readonly StoryQuestion[]): StoryTable[];
}

/** Lengths at these shares of all stories become table lengths: many short stories should not pay for a few long ones. */
const lengthShares = [0.2, 0.4, 0.6, 0.8, 0.95, 1];

/** Table lengths for stories of these lengths, in ascending order. @param most what is longer is cut to this length */
function tableLengths(lengths: readonly number[], most: number): number[] {
  const sorted = lengths.toSorted((a, b) => a - b);
  const atShare = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 1;
  return [...new Set(lengthShares.map((share) => Math.min(atShare(share), most)))];
}

/** A layout, from the length of a question and the tensors of questions of about one length. */
function layoutOf(
  all: readonly StoryQuestion[],
  most: number,
  lengthOf: (question: StoryQuestion) => number,
  rowsOf: (questions: readonly StoryQuestion[], length: number) => RowTable,
  vocabulary: StoryVocabulary,
): StoryLayout {
  const lengths = tableLengths(all.map(lengthOf), most);
  const placeOf = (question: StoryQuestion): number | undefined =>
    lengths.find((length) => length >= lengthOf(question)) ?? lengths.at(-1);
  return {
    tables: (questions) =>
      lengths.flatMap((length) => {
        const chosen = questions.filter((question) => placeOf(question) === length);
        if (chosen.length === 0) return [];
        const answers = chosen.map(({ answer }) => [vocabulary.answerId(answer)]);
        return [{ questions: chosen, rows: { ...rowsOf(chosen, length), answer: int32Rows(answers, []) } }];
      }),
  };
}

function longest(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((most, { length }) => Math.max(most, length), 1);
}

/**
 * Sentence by sentence: `story` int32 [rows, sentences, words] and `question` int32 [rows, words].
 * @param all every question of training and tests, for the sizes
 * @param maxSentences a longer story keeps its latest sentences
 */
export function sentenceLayout(
  all: readonly StoryQuestion[],
  vocabulary: StoryVocabulary,
  maxSentences: number,
): StoryLayout {
  const words = longest(all.flatMap(({ sentences }) => sentences));
  const questionWords = longest(all.map(({ question }) => question));
  const padded = (sentence: readonly string[]): number[] => {
    const ids = vocabulary.wordIds(sentence);
    return [...ids, ...Array.from({ length: words - ids.length }, () => 0)];
  };
  const rowsOf = (questions: readonly StoryQuestion[], length: number): RowTable => ({
    story: int32Rows(
      questions.map(({ sentences }) => sentences.slice(-length).flatMap(padded)),
      [length, words],
    ),
    question: int32Rows(
      questions.map(({ question }) => vocabulary.wordIds(question)),
      [questionWords],
    ),
  });
  return layoutOf(all, maxSentences, ({ sentences }) => sentences.length, rowsOf, vocabulary);
}

/**
 * As one sequence, the question last: `tokens` int32 [rows, tokens].
 * @param all every question of training and tests, for the sizes
 * @param maxTokens a longer sequence keeps its latest tokens
 */
export function tokenLayout(
  all: readonly StoryQuestion[],
  vocabulary: StoryVocabulary,
  maxTokens: number,
): StoryLayout {
  const tokensOf = ({ sentences, question }: StoryQuestion): string[] => [...sentences.flat(), ...question];
  const rowsOf = (questions: readonly StoryQuestion[], length: number): RowTable => ({
    tokens: int32Rows(
      questions.map((question) => vocabulary.wordIds(tokensOf(question).slice(-length))),
      [length],
    ),
  });
  return layoutOf(all, maxTokens, (question) => tokensOf(question).length, rowsOf, vocabulary);
}
