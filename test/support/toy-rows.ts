// A made-up model whose rows can be written in, for tests of how texts are chosen. Knows no way to choose.
import type { Candidates } from '../../src/generate/beam-search.js';

export const [startToken, endToken] = [9, 0];

/** A made-up model: for each text, the log-probabilities of the next token after what was written, and coverage. */
export interface ToyModel {
  readonly vocabularySize: number;
  readonly logProbabilities: (text: number, written: readonly number[]) => readonly number[];
  readonly coverage: (text: number, written: readonly number[]) => number;
}

/** Numbers in [0, 1) that depend on everything that is given. */
function hash(...values: readonly number[]): number {
  let state = 2166136261;
  for (const value of values) state = Math.imul(state ^ (value + 1), 16777619) ^ (state >>> 13);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

export function toyModel(seed: number, vocabularySize: number): ToyModel {
  return {
    vocabularySize,
    logProbabilities: (text, written) => {
      const weights = Array.from({ length: vocabularySize }, (_, token) =>
        Math.exp(4 * hash(seed, text, token, ...written)),
      );
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight) => Math.fround(Math.log(weight / total)));
    },
    coverage: (text, written) =>
      Math.fround((-3 * hash(seed, text, 77, ...written.slice(0, 2))) / written.length),
  };
}

/** Rows that remember what was written in them, as a model's state would. */
export function toyRows(model: ToyModel, texts: number, beams: number) {
  let written: (readonly number[])[] = Array.from({ length: texts * beams }, () => []);
  /** Which text of the model each of the batch is. */
  let names = Array.from({ length: texts }, (_, text) => text);
  const textOf = (row: number): number => names[Math.floor(row / beams)] ?? 0;
  const rows = {
    texts,
    vocabularySize: model.vocabularySize,
    steps: 0,
    /** Rows of all steps together. */
    cost: 0,
    keep: async (kept: readonly number[]): Promise<void> => {
      written = kept.flatMap((text) => written.slice(text * beams, (text + 1) * beams));
      names = kept.map((text) => names[text] ?? 0);
      rows.texts = names.length;
    },
    step: (tokens: Int32Array, parents: Int32Array, count: number): Promise<Candidates> => {
      written = written.map((_, row) => [...(written[parents[row] ?? 0] ?? []), tokens[row] ?? 0]);
      rows.steps++;
      rows.cost += written.length;
      const perRow = written.map((own, row) => {
        const scores = model.logProbabilities(textOf(row), own.slice(1));
        const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
        return { scores, best: order.slice(0, count) };
      });
      return Promise.resolve({
        count,
        tokens: Int32Array.from(perRow.flatMap(({ best }) => best)),
        logProbabilities: Float32Array.from(
          perRow.flatMap(({ scores, best }) => best.map((token) => scores[token] ?? 0)),
        ),
        endLogProbabilities: Float32Array.from(perRow, ({ scores }) => scores[endToken] ?? 0),
        coverage: Float32Array.from(written, (own, row) => model.coverage(textOf(row), own)),
      });
    },
  };
  return rows;
}
