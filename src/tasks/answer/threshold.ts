// From which confidence on it is better to answer than to say that there is no answer. Knows nothing of models.

/** A question with what answering it scores, and what saying nothing scores. */
export interface Trial {
  readonly confidence: number;
  readonly answered: number;
  readonly silent: number;
}

/**
 * The threshold with the highest total, where questions with a higher confidence are answered: halfway between two of them,
 * or beyond the last. Source: the evaluation script of SQuAD 2.0 (Rajpurkar et al. 2018), `find_best_thresh`.
 */
export function bestThreshold(trials: readonly Trial[]): number {
  const sorted = [...trials].sort((a, b) => b.confidence - a.confidence);
  let total = sorted.reduce((sum, { silent }) => sum + silent, 0);
  let best = { total, threshold: (sorted[0]?.confidence ?? 0) + 1 };
  sorted.forEach(({ confidence, answered, silent }, i) => {
    total += answered - silent;
    const next = sorted[i + 1]?.confidence ?? confidence - 2;
    if (total > best.total && next < confidence) best = { total, threshold: (confidence + next) / 2 };
  });
  return best.threshold;
}
