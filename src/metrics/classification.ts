// Accuracy, precision, recall, F1 and the confusion matrix of labels. Knows nothing of what was classified.
import { DataError } from '../core/errors.js';
import { requirePaired } from './checks.js';

/** Counts of predictions by what was right and what was said. */
export interface ConfusionMatrix<L> {
  /** Of the rows and of the columns. */
  readonly labels: readonly L[];
  /** `counts[actual][predicted]`, by positions in `labels`. */
  readonly counts: readonly (readonly number[])[];
}

export interface ClassScores<L> {
  readonly label: L;
  /** Right predictions of this label among all of this label; 0 where it was never predicted. */
  readonly precision: number;
  /** Right predictions of this label among all examples of it; 0 where there is no example. */
  readonly recall: number;
  readonly f1: number;
  /** Number of examples of this label. */
  readonly support: number;
}

/** Everything is from 0 to 1, except counts. */
export interface ClassificationReport<L> {
  readonly accuracy: number;
  /** Mean over the labels, each counted alike. */
  readonly macroPrecision: number;
  readonly macroRecall: number;
  readonly macroF1: number;
  /** Over all decisions; with one label an example it equals the accuracy. */
  readonly microF1: number;
  /** Mean over the labels, each counted by its support. */
  readonly weightedF1: number;
  readonly classes: readonly ClassScores<L>[];
  readonly confusion: ConfusionMatrix<L>;
}

/** Part of the predictions that are right. @throws {DataError} when the lists are empty or differ in length */
export function accuracy<L>(predicted: readonly L[], actual: readonly L[]): number {
  requirePaired('predictions', predicted, 'labels', actual);
  return predicted.filter((label, i) => label === actual[i]).length / predicted.length;
}

/**
 * @param labels in the order of rows and columns; default: all that occur on either side, in ascending order
 * @throws {DataError} when the lists are empty or differ in length, or a label is not among `labels`
 */
export function confusionMatrix<L extends string | number>(
  predicted: readonly L[],
  actual: readonly L[],
  labels: readonly L[] = ascending([...predicted, ...actual]),
): ConfusionMatrix<L> {
  requirePaired('predictions', predicted, 'labels', actual);
  const positions = new Map(labels.map((label, position) => [label, position]));
  const positionOf = (label: L | undefined, i: number): number => {
    const position = label === undefined ? undefined : positions.get(label);
    if (position !== undefined) return position;
    throw new DataError(
      `Example ${i + 1} has the label "${label}", which is not one of: ${labels.join(', ')}.`,
      {
        fields: { label, example: i + 1, labels },
      },
    );
  };
  const counts = labels.map(() => labels.map(() => 0));
  for (const [i, label] of predicted.entries()) {
    const row = counts[positionOf(actual[i], i)] ?? [];
    const column = positionOf(label, i);
    row[column] = (row[column] ?? 0) + 1;
  }
  return { labels, counts };
}

function ascending<L extends string | number>(labels: readonly L[]): L[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Accuracy, macro, micro and weighted scores, and those of each label. @throws {DataError} as {@link confusionMatrix} */
export function classificationReport<L extends string | number>(
  predicted: readonly L[],
  actual: readonly L[],
  labels?: readonly L[],
): ClassificationReport<L> {
  const confusion = confusionMatrix(predicted, actual, labels);
  const classes = confusion.labels.map((label, i) => classScores(label, i, confusion.counts));
  const mean = (scoreOf: (scores: ClassScores<L>) => number): number =>
    sum(classes.map(scoreOf)) / classes.length;
  const right = sum(confusion.counts.map((row, i) => row[i] ?? 0)) / predicted.length;
  return {
    accuracy: right,
    macroPrecision: mean((scores) => scores.precision),
    macroRecall: mean((scores) => scores.recall),
    macroF1: mean((scores) => scores.f1),
    microF1: right,
    weightedF1: sum(classes.map((scores) => scores.f1 * scores.support)) / predicted.length,
    classes,
    confusion,
  };
}

function classScores<L>(label: L, i: number, counts: readonly (readonly number[])[]): ClassScores<L> {
  const right = counts[i]?.[i] ?? 0;
  const support = sum(counts[i] ?? []);
  const predictions = sum(counts.map((row) => row[i] ?? 0));
  return {
    label,
    precision: right / Math.max(predictions, 1),
    recall: right / Math.max(support, 1),
    f1: (2 * right) / Math.max(predictions + support, 1),
    support,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
