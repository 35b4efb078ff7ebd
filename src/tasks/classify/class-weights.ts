// How much examples of each class count, so that rare classes are not lost. Knows no model.

/** examples / (classes * examples of the class), in the order of `labels`: each class counts alike in all, and an example 1 on average. */
export function balancedWeights(labels: readonly string[], classes: readonly string[]): readonly number[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return classes.map((label) => labels.length / (classes.length * Math.max(1, counts.get(label) ?? 0)));
}
