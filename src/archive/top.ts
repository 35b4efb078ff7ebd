// The largest of many numbers. Knows nothing of what they measure.

/**
 * Indexes of the `count` largest positive scores, largest first; of equal scores the later index comes first.
 * Keeps a buffer of twice the size and halves it when full, so most scores cost one comparison.
 */
export function topIndexes(scores: Float32Array | Float64Array, count: number): number[] {
  const better = (a: number, b: number): number => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a;
  let kept: number[] = [];
  let threshold = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score <= 0 || score < threshold) continue;
    kept.push(i);
    if (kept.length < 2 * count) continue;
    kept = kept.sort(better).slice(0, count);
    threshold = scores[kept.at(-1) ?? 0] ?? 0;
  }
  return kept.sort(better).slice(0, count);
}
