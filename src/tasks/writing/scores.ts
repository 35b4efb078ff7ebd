// Scores of a corpus under several metrics, with the signatures that make them comparable. Knows no task.
import type { TextMetric } from '../../metrics/index.js';
import type { WritingScores } from './open-writing.js';
import { scoreCorpus, signature } from '../../metrics/index.js';

const hanCharacter = /\p{Script=Han}/u;

/** Whether texts are Chinese: most that have letters have Chinese characters. */
export function areChinese(texts: readonly string[]): boolean {
  const worded = texts.filter((text) => /\p{L}/u.test(text));
  return worded.filter((text) => hanCharacter.test(text)).length > worded.length / 2;
}

/** With several references each metric takes them as it does. @param metrics by the names of their scores */
export function scoresOf(
  metrics: Readonly<Record<string, TextMetric>>,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): WritingScores {
  const entries = Object.entries(metrics);
  return {
    scores: Object.fromEntries(
      entries.map(([name, metric]) => [name, scoreCorpus(metric, hypotheses, references).score]),
    ),
    signatures: Object.fromEntries(entries.map(([name, metric]) => [name, signature(metric, references)])),
  };
}

/**
 * The mean of the scores against each reference by itself: every text counts the same, however many references it has.
 * One reference gives the score against it.
 */
export function meanOverReferences(
  metrics: Readonly<Record<string, TextMetric>>,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): WritingScores {
  const entries = Object.entries(metrics);
  const mean = (metric: TextMetric): number => {
    const totals = hypotheses.map((hypothesis, i) => {
      const own = references[i] ?? [];
      const scores = own.map((reference) => metric.scoreOf(metric.statistics(hypothesis, [reference])).score);
      return scores.reduce((a, b) => a + b, 0) / Math.max(1, own.length);
    });
    return totals.reduce((a, b) => a + b, 0) / Math.max(1, totals.length);
  };
  return {
    scores: Object.fromEntries(entries.map(([name, metric]) => [name, mean(metric)])),
    signatures: Object.fromEntries(
      entries.map(([name, metric]) => [name, signature(metric, references, { refs: 'mean' })]),
    ),
  };
}
